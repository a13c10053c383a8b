using System.Text;
using EventBroker.PluginHosting.Configuration;
using EventBroker.Sdk.Settings;
using Microsoft.Extensions.Configuration;

namespace EventBroker.PluginHosting.Tests.Configuration;

public sealed class ConfigurationDocumentTests
{
    private readonly List<SettingsError> _errors = [];

    [Fact]
    public void Comments_and_trailing_commas_are_allowed()
    {
        var document = Read("""
            {
              // a comment
              "pluginsDirectory": "here", /* another */
            }
            """);

        Assert.Empty(_errors);
        Assert.Equal("here", document.Configuration["pluginsDirectory"]);
    }

    [Theory]
    [InlineData("{\n  \"ä\": x\n}", "line 2, column 8")]
    [InlineData("{", "line 1, column 2")]
    [InlineData("", "line 1, column 1")]
    [InlineData("{} {}", "line 1, column 4")]
    public void A_syntax_error_is_told_with_line_and_column(string json, string place)
    {
        Read(json);

        Assert.StartsWith($"syntax error in {place}: ", Assert.Single(_errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_syntax_error_in_a_later_line_is_told_once_without_the_parsers_own_place()
    {
        Read("{\n\n\n  x\n\n}");

        var message = Assert.Single(_errors).Message;
        Assert.StartsWith("syntax error in line 4, column 3: 'x' is ", message, StringComparison.Ordinal);
        Assert.DoesNotContain("LineNumber", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_can_not_be_one_is_told_and_what_stands_under_it_is_passed_over()
    {
        var document = Read("""
            { "": { "a": [ 1 ] }, "x:y": [ { } ], "routes": [ ], "Routes": { "z": 1 }, "pluginsDirectory": "\ud800", "interceptors": { }, "plugins": "last" }
            """);

        Assert.Equal(
            [
                "$['']: a key must not be empty or contain ':'",
                "$['x:y']: a key must not be empty or contain ':'",
                "$.Routes: this key is there twice (keys are the same in upper and lower case)",
                "$.pluginsDirectory: must be valid UTF-8 without lone surrogates",
            ],
            _errors.Select(static e => e.ToString()));
        Assert.Equal(
            [("interceptors", ""), ("plugins", "last"), ("pluginsDirectory", "?"), ("routes", "")],
            document.Configuration.AsEnumerable().Select(static v => (v.Key, v.Value)).Order());
    }

    [Fact]
    public void A_variable_within_what_was_empty_makes_it_a_list()
    {
        var document = Read("""{ "authorizers": [ ] }""", ("EVENTBROKER_authorizers__0__plugin", "allow-all"));

        Assert.Empty(_errors);
        Assert.Equal("allow-all", document.Configuration["authorizers:0:plugin"]);
        Assert.Null(document.Configuration["authorizers"]);
    }

    [Fact]
    public void A_mistake_in_a_variable_names_the_variable_also_where_a_key_is_quoted()
    {
        var document = Read("{}", ("EVENTBROKER_plugins__a.b__sha256", "x"));

        Assert.EndsWith(
            " (set by environment variable EVENTBROKER_plugins__a.b__sha256)",
            document.WithOrigin(new SettingsError { Path = "$.plugins['a.b'].sha256", Message = "wrong" }).ToString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_object_is_refused()
    {
        Read("[]");

        Assert.Equal("$: must be an object", Assert.Single(_errors).ToString());
    }

    [Fact]
    public void Every_duplicate_key_is_reported_with_its_path_in_any_case()
    {
        Read("""{ "routes": [ { "events": "a", "Events": "b" } ], "transports": { "x": {} }, "transports": {} }""");

        Assert.Equal(["$.routes[0].Events", "$.transports"], _errors.Select(static e => e.Path));
    }

    [Fact]
    public void An_environment_variable_with_the_prefix_overrides_the_file()
    {
        const string Json = """{ "transports": { "local": { "plugin": "memory", "settings": { "retention": "1h" } } } }""";

        Assert.Equal(
            "3h", Read(Json, ("EVENTBROKER_transports__local__settings__retention", "3h")).Configuration["transports:local:settings:retention"]);
    }

    [Theory]
    [InlineData("transports__local__settings__retention", "2h")]
    [InlineData("Logging__LogLevel__Default", "Information")]
    [InlineData("logging__level", "loud")]
    [InlineData("heartbeat", "soon")]
    [InlineData("limits__maxEvents", "x")]
    public void A_variable_without_the_prefix_is_somebody_elses(string name, string value)
    {
        var document = Read("{}", (name, value));

        Assert.Empty(_errors);
        Assert.Empty(document.Configuration.GetChildren());
    }

    [Fact]
    public void A_variable_replaces_the_source_of_a_secret()
    {
        var document = Read(
            """{ "transports": { "r": { "settings": { "password": { "fromFile": "/a" } } } } }""", ("EVENTBROKER_transports__r__settings__password", "p"));

        Assert.Equal("p", document.Configuration["transports:r:settings:password"]);
        Assert.Empty(document.Configuration.GetSection("transports:r:settings:password").GetChildren());
    }

    [Fact]
    public void Variables_of_others_are_left_alone()
    {
        var document = Read(
            "{}", ("PATH", "/bin"), ("PLUGINS", "x"), ("Some__Other", "x"), ("EVENTBROKER_PORT", "tcp://10.0.0.1:9090"), ("EVENTBROKER_CONFIG", "x"));

        Assert.Empty(_errors);
        Assert.Empty(document.Configuration.GetChildren());
    }

    [Fact]
    public void A_variable_with_the_prefix_and_an_unknown_section_is_a_mistake()
    {
        Read("{}", ("EVENTBROKER_transport__local__plugin", "memory"));

        var error = Assert.Single(_errors);
        Assert.Equal("$.transport", error.Path);
        Assert.Equal(
            "unknown key, set by environment variable EVENTBROKER_transport__local__plugin;"
            + " known are $schema, authorizers, interceptors, pluginTimeout, plugins, pluginsDirectory, routes, transports",
            error.Message);
    }

    [Fact]
    public void A_variable_named_schema_is_somebody_elses()
    {
        var document = Read("{}", ("schema", "public"));

        Assert.Empty(_errors);
        Assert.Empty(document.Configuration.GetChildren());
    }

    [Fact]
    public void A_mistake_in_a_variable_names_the_variable()
    {
        var document = Read("{}", ("EVENTBROKER_routes__0__events", "a/b"));

        var error = document.WithOrigin(new SettingsError { Path = "$.routes[0].events", Message = "wrong" });

        Assert.Equal("$.routes[0].events: wrong (set by environment variable EVENTBROKER_routes__0__events)", error.ToString());
    }

    private ConfigurationDocument Read(string json, params (string Name, string Value)[] variables) =>
        ConfigurationDocument.Read(
            Encoding.UTF8.GetBytes(json), variables.Select(static v => KeyValuePair.Create(v.Name, v.Value)), typeof(PluginsConfiguration), _errors);
}
