// A table: caption for screen readers, a head, groups of rows under headings of their own.

enum TableTemplate {
  static let text = """
    <div class="scroll" role="region" aria-label="{{caption}}" tabindex="0">
    <table class="{{class}}">
    <caption>{{caption}}</caption>
    <thead><tr>{{#columns}}<th scope="col" class="{{class}}"><span>{{#words}}{{word}}<wbr>{{/words}}</span></th>{{/columns}}</tr></thead>
    {{#groups}}
    <tbody>
    {{#heading}}<tr class="group">{{#cells}}{{> cell}}{{/cells}}</tr>
    {{/heading}}
    {{#rows}}<tr>{{#cells}}{{> cell}}{{/cells}}</tr>
    {{/rows}}
    </tbody>
    {{/groups}}
    </table>
    </div>

    """

  /// One cell; row headings are `th`, so that a reader of the page aloud says them.
  static let cell = """
    {{#isHeading}}<th scope="row" class="{{class}}">{{#organisation}}<small>{{organisation}}</small>{{/organisation}}{{#words}}{{word}}<wbr>{{/words}}</th>{{/isHeading}}{{^isHeading}}<td class="{{class}}">{{text}}{{#mark}}<i>{{mark}}</i>{{/mark}}</td>{{/isHeading}}
    """
}
