// The dot plot: a table whose middle column draws each model's two means on one scale.

enum ChartTemplate {
  static let text = """
    <table class="chart">
    <caption>{{caption}}</caption>
    <thead><tr><th scope="col">Model</th><th scope="col"><svg height="16" aria-hidden="true">{{#ticks}}<text x="{{x}}%" y="12">{{label}}</text>{{/ticks}}</svg></th><th scope="col" class="n"><svg width="11" height="11" aria-hidden="true"><circle class="task" cx="5.5" cy="5.5" r="5"/></svg> Task</th><th scope="col" class="n"><svg width="11" height="11" aria-hidden="true"><circle class="type" cx="5.5" cy="5.5" r="4"/></svg> Type</th></tr></thead>
    <tbody>
    {{#rows}}<tr><th scope="row">{{name}}</th><td><svg height="22" aria-hidden="true">{{#ticks}}<line class="tick" x1="{{x}}%" x2="{{x}}%" y1="0" y2="22"/>{{/ticks}}<line class="span" x1="{{type}}%" x2="{{task}}%" y1="11" y2="11"/><circle class="type" cx="{{type}}%" cy="11" r="4"/><circle class="task" cx="{{task}}%" cy="11" r="5"/></svg></td><td class="n">{{taskText}}</td><td class="n">{{typeText}}</td></tr>
    {{/rows}}
    </tbody>
    </table>

    """
}

/// The key of a colour scale: its lowest, middle and highest score with the ten steps between.
enum LegendTemplate {
  static let text = """
    <p class="legend">{{lowest}}<span aria-hidden="true">{{#steps}}<b class="h{{step}}"></b>{{/steps}}</span>{{highest}}<em>middle score {{middle}}; each step holds a tenth of the scores</em></p>

    """
}
