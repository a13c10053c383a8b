using System.Text.Json;
using EventBroker.PluginHosting.Tests.Process;

namespace EventBroker.PluginHosting.Tests.Configuration;

public sealed class ShippedFilesTests
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    [Fact]
    public void Every_key_of_the_shipped_plugins_json_is_in_the_schema()
    {
        using var shipped = Read("plugins.json");
        using var schema = Read("plugins.schema.json");
        var missing = new List<string>();

        Compare(shipped.RootElement, schema.RootElement, schema.RootElement, "$", missing);

        Assert.Empty(missing);
    }

    private static JsonDocument Read(string name) =>
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Path.GetDirectoryName(HostProcess.Binary)!, name)), Lenient);

    private static void Compare(JsonElement value, JsonElement schema, JsonElement root, string path, List<string> missing)
    {
        schema = Resolve(schema, root);
        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in value.EnumerateObject())
            {
                var found = schema.TryGetProperty("properties", out var properties) && properties.TryGetProperty(member.Name, out var child)
                    || schema.TryGetProperty("additionalProperties", out child) && child.ValueKind == JsonValueKind.Object;
                if (member.Name == "settings" && schema.TryGetProperty("then", out var then))
                {
                    child = then.GetProperty("properties").GetProperty("settings");
                }

                if (found)
                {
                    Compare(member.Value, child, root, $"{path}.{member.Name}", missing);
                }
                else
                {
                    missing.Add($"{path}.{member.Name}");
                }
            }
        }
        else if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray())
            {
                Compare(item, schema.GetProperty("items"), root, path + "[]", missing);
            }
        }
    }

    private static JsonElement Resolve(JsonElement schema, JsonElement root) =>
        schema.TryGetProperty("$ref", out var reference)
            ? root.GetProperty("$defs").GetProperty(reference.GetString()!.Split('/')[^1])
            : schema;
}
