// The same page as Markdown. Values arrive escaped for Markdown, so nothing is escaped here.

enum MarkdownTemplate {
  static let text = """
    {{% CONTENT_TYPE:TEXT}}
    # {{title}}

    {{#description}}
    {{description}}

    {{/description}}
    {{#facts}}
    {{#list}}
    - {{text}}
    {{/list}}

    {{/facts}}
    {{#sections}}
    ## {{title}}

    {{#intro}}
    {{text}}

    {{/intro}}
    {{#grid}}
    {{grid}}
    {{/grid}}
    {{#terms}}
    {{#list}}
    - **{{term}}**: {{meaning}}
    {{/list}}

    {{/terms}}
    {{#files}}
    {{#list}}
    - [{{name}}]({{name}}) {{purpose}}
    {{/list}}

    {{/files}}
    {{#notes}}
    {{text}}

    {{/notes}}
    {{/sections}}
    """
}
