/* Plotly in Russian: names of days and months, and the few words of its mode bar; Plotly takes it when it comes. */
(() => {
  "use strict";

  const locale = {
    moduleType: "locale",
    name: "ru",
    dictionary: {
      Autoscale: "Показать всё",
      "Download plot as a PNG": "Сохранить рисунок",
      "Double-click to zoom back out": "Двойной щелчок вернёт масштаб",
      Pan: "Сдвиг",
      "Reset axes": "Исходный масштаб",
      "Taking snapshot - this may take a few seconds": "Готовится рисунок",
      "Toggle Spike Lines": "Линии к осям",
      Zoom: "Увеличить область",
      "Zoom in": "Крупнее",
      "Zoom out": "Мельче",
    },
    format: {
      days: ["воскресенье", "понедельник", "вторник", "среда", "четверг", "пятница", "суббота"],
      shortDays: ["вс", "пн", "вт", "ср", "чт", "пт", "сб"],
      months: [
        "январь", "февраль", "март", "апрель", "май", "июнь",
        "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь",
      ],
      shortMonths: ["янв", "фев", "мар", "апр", "май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"],
      date: "%d.%m.%Y",
    },
  };

  // Plotly's own locale files do the same: they wait in this list until the bundle has come.
  window.PlotlyLocales = window.PlotlyLocales || [];
  if (window.Plotly) window.Plotly.register(locale);
  else window.PlotlyLocales.push(locale);
})();
