using System.ComponentModel.DataAnnotations;
using System.Text;
using EventBroker.Sdk.Settings;
using Microsoft.Extensions.Configuration;

namespace EventBroker.Sdk.Tests.Settings;

public sealed class SettingsBinderTests
{
    [Fact]
    public void Every_supported_type_is_bound()
    {
        var settings = Bind("""
            {
              "text": "hello", "flag": true, "count": 7, "ratio": 0.5, "retention": "1h30m", "size": "64MiB",
              "maxBytes": "4MiB", "address": "http://localhost:1", "mode": "at-least-once", "optional": 3,
              "nested": { "name": "inner" }, "names": ["a", "b"], "parts": [{ "name": "p" }],
              "labels": { "x": "1", "Y": "2" }, "set": ["q"], "filled": ["z"]
            }
            """);

        Assert.Equal("hello", settings.Text);
        Assert.True(settings.Flag);
        Assert.Equal(7, settings.Count);
        Assert.Equal(0.5, settings.Ratio);
        Assert.Equal(TimeSpan.FromMinutes(90), settings.Retention);
        Assert.Equal(ByteSize.FromMebibytes(64), settings.Size);
        Assert.Equal(4 * 1024 * 1024, settings.MaxBytes);
        Assert.Equal(new Uri("http://localhost:1"), settings.Address);
        Assert.Equal(Guarantee.AtLeastOnce, settings.Mode);
        Assert.Equal(3, settings.Optional);
        Assert.Equal("inner", settings.Nested.Name);
        Assert.Equal(["a", "b"], settings.Names);
        Assert.Equal("p", Assert.Single(settings.Parts).Name);
        Assert.Equal("2", settings.Labels["Y"]);
        Assert.Equal(["q"], settings.Set);
        Assert.Equal(["z"], settings.Filled);
    }

    [Fact]
    public void What_is_not_given_keeps_its_default()
    {
        var settings = Bind("""{ "text": "x", "size": null }""");

        Assert.Equal(5, settings.Count);
        Assert.Equal(new ByteSize(4096), settings.Size);
        Assert.Equal(["default"], settings.Filled);
    }

    [Fact]
    public void All_mistakes_are_reported_at_once_each_with_its_path()
    {
        var errors = Errors("""
            {
              "cuont": 1, "flag": "perhaps", "count": 0, "retention": "30", "size": "2GiB", "mode": "never",
              "nested": { "name": "x", "nmae": "y" }, "names": "a", "parts": [{ "name": "ok" }, { "name": "" }],
              "labels": "none", "address": "no uri", "maxBytes": "99999999999"
            }
            """);

        Assert.Equal(
            [
                "$.s.address: must be an absolute URI",
                "$.s.count: must be from 1 to 10, not 0",
                "$.s.cuont: unknown key; known are address, count, filled, flag, labels, maxBytes, mode, names, nested, optional, parts, ratio, retention, set, size, text",
                "$.s.flag: must be true or false, not 'perhaps'",
                "$.s.labels: must be an object",
                "$.s.maxBytes: must be a whole number, not '99999999999'",
                "$.s.mode: must be one of at-most-once, at-least-once, not 'never'",
                "$.s.names: must be a list",
                "$.s.nested.nmae: unknown key; known are name",
                "$.s.parts[1].name: is required",
                "$.s.retention: must be a duration such as 250ms, 30s, 5m, 1h30m, 2d or 00:00:30, not '30'",
                "$.s.size: must be from 1KiB to 1GiB, not 2GiB",
                "$.s.text: is required",
            ],
            errors);
    }

    [Fact]
    public void A_duration_out_of_range_is_reported_in_the_units_of_settings() =>
        Assert.Equal(["$.s.retention: must be from 1s to 12h, not 13h"], Errors("""{ "text": "x", "retention": "13h" }"""));

    [Fact]
    public void Rules_across_properties_are_checked_when_the_parts_are_right()
    {
        Assert.Equal(["$.s.ratio: must not be over 1 with flag"], Errors("""{ "text": "x", "flag": true, "ratio": 2 }"""));
        Assert.Equal(["$.s.text: is required"], Errors("""{ "flag": true, "ratio": 2 }"""));
    }

    [Fact]
    public void A_secret_comes_from_the_environment()
    {
        var name = "EVENTBROKER_TEST_" + Guid.NewGuid().ToString("N");
        Environment.SetEnvironmentVariable(name, "s3cret");

        Assert.Equal("s3cret", Bind($$"""{ "text": { "fromEnvironment": "{{name}}" } }""").Text);
    }

    [Fact]
    public void A_secret_from_a_file_loses_one_trailing_newline()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "s3cret\n\n");

            Assert.Equal("s3cret\n", Bind($$"""{ "text": { "fromFile": "{{file}}" } }""").Text);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_missing_secret_is_reported_with_its_path_and_source()
    {
        Assert.Contains("$.s.text.fromEnvironment: environment variable NOT_SET_ANYWHERE is not set", Errors("""{ "text": { "fromEnvironment": "NOT_SET_ANYWHERE" } }"""));
        Assert.Contains("$.s.text.fromFile: file /no/such/file does not exist", Errors("""{ "text": { "fromFile": "/no/such/file" } }"""));
    }

    [Fact]
    public void A_secret_that_is_wrong_is_not_repeated_in_the_message()
    {
        var name = "EVENTBROKER_TEST_" + Guid.NewGuid().ToString("N");
        Environment.SetEnvironmentVariable(name, "s3cret");

        Assert.Equal(["$.s.address: must be an absolute URI"], Errors($$"""{ "text": "x", "address": { "fromEnvironment": "{{name}}" } }"""));
    }

    private static Sample Bind(string json)
    {
        var errors = new List<SettingsError>();
        Assert.True(SettingsBinder.TryBind<Sample>(Section(json), "$.s", errors, out var settings), string.Join('\n', errors));
        return settings;
    }

    private static string[] Errors(string json)
    {
        var errors = new List<SettingsError>();
        Assert.False(SettingsBinder.TryBind<Sample>(Section(json), "$.s", errors, out _));
        return [.. errors.Select(e => e.ToString()).Order(StringComparer.Ordinal)];
    }

    private static IConfigurationSection Section(string json) =>
        new ConfigurationBuilder()
            .AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes($$"""{ "s": {{json}} }""")))
            .Build()
            .GetSection("s");

    public enum Guarantee
    {
        AtMostOnce,
        AtLeastOnce,
    }

    public sealed class Part
    {
        [Required]
        public string Name { get; set; } = "part";
    }

    public sealed class Sample : IValidatableObject
    {
        [Required]
        public string? Text { get; set; }

        public bool Flag { get; set; }

        [Range(1, 10)]
        public int Count { get; set; } = 5;

        public double Ratio { get; set; }

        [Range(typeof(TimeSpan), "00:00:01", "12:00:00")]
        public TimeSpan Retention { get; set; } = TimeSpan.FromHours(1);

        [Range(typeof(ByteSize), "1KiB", "1GiB")]
        public ByteSize Size { get; set; } = new(4096);

        public int MaxBytes { get; set; }

        public Uri? Address { get; set; }

        public Guarantee Mode { get; set; }

        public int? Optional { get; set; }

        public Part Nested { get; set; } = new();

        public IReadOnlyList<string> Names { get; set; } = [];

        public Part[] Parts { get; set; } = [];

        public Dictionary<string, string> Labels { get; set; } = [];

        public ISet<string> Set { get; set; } = new HashSet<string>();

        public IList<string> Filled { get; } = ["default"];

        public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
        {
            if (Flag && Ratio > 1)
            {
                yield return new ValidationResult("must not be over 1 with flag", [nameof(Ratio)]);
            }
        }
    }
}
