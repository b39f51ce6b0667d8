"""The offline map: own outline of the land, own projection, no tile server and no topojson download."""
