"""The enterprise model: data in a file, validated at the edge, frozen inside."""
