// The page around everything: head, title, contents, sections, foot.

enum PageTemplate {
  static let text = """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>{{title}}</title>
    <style>
    {{> stylesheet}}
    </style>
    </head>
    <body>
    <a class="skip" href="#content">Skip to the content</a>
    <main>
    <header>
    {{#ways}}
    <nav class="ways" aria-label="Pages">{{#list}}<a class="{{rel}}" rel="{{rel}}" href="{{href}}">{{label}}</a>{{/list}}</nav>
    {{/ways}}
    <h1>{{{heading}}}</h1>
    {{#description}}<p class="lead">{{description}}</p>
    {{/description}}
    {{#facts}}<p class="facts">{{#list}}<span>{{text}}</span>{{/list}}</p>
    {{/facts}}
    </header>
    {{#contents}}
    <nav aria-label="Contents">{{#links}}<a href="#{{id}}">{{title}}</a>{{/links}}</nav>
    {{/contents}}
    <div id="content" tabindex="-1">
    {{#sections}}
    <section id="{{id}}">
    {{#title}}<h2>{{title}}</h2>
    {{/title}}
    {{#intro}}<p>{{text}}</p>
    {{/intro}}
    {{{figure}}}{{{table}}}{{{after}}}
    {{#terms}}<dl>{{#list}}<dt>{{term}}</dt><dd>{{meaning}}</dd>{{/list}}</dl>
    {{/terms}}
    {{#files}}<ul class="files">{{#list}}<li><a href="{{name}}">{{name}}</a> {{purpose}}</li>{{/list}}</ul>
    {{/files}}
    {{#notes}}<p class="note">{{text}}</p>
    {{/notes}}
    </section>
    {{/sections}}
    </div>
    </main>
    {{#scripts}}
    {{{script}}}
    {{/scripts}}
    <script>
    {{> script}}
    </script>
    </body>
    </html>

    """
}
