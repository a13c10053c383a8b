using System.Text.Json;

namespace EventBroker.FunctionalTests.Rest;

// Whether an answer holds what a recorded case expects: every expected key; "*" stands for any text that is not empty.
internal static class JsonSubset
{
    public static bool Matches(JsonElement expected, string actual)
    {
        try
        {
            using var document = JsonDocument.Parse(actual);
            return Matches(expected, document.RootElement);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool Matches(JsonElement expected, JsonElement actual)
    {
        if (expected.ValueKind == JsonValueKind.String && expected.ValueEquals("*"))
        {
            return actual.ValueKind == JsonValueKind.String && actual.GetString()!.Length > 0;
        }

        if (expected.ValueKind == JsonValueKind.Object)
        {
            return actual.ValueKind == JsonValueKind.Object
                && expected.EnumerateObject().All(p => actual.TryGetProperty(p.Name, out var value) && Matches(p.Value, value));
        }

        return JsonElement.DeepEquals(expected, actual);
    }
}
