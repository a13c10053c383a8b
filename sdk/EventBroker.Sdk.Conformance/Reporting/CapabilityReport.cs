using System.Text.Json;
using System.Text.Json.Serialization;
using EventBroker.Sdk.Transports;

namespace EventBroker.Sdk.Conformance.Reporting;

/// <summary>What a transport can do, as a whole run of its suite has shown.</summary>
public sealed class CapabilityReport
{
    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>Gets the transport's name.</summary>
    public required string Transport { get; init; }

    /// <summary>Gets what it promises of an answered publish.</summary>
    public required DeliveryGuarantee Guarantee { get; init; }

    /// <summary>Gets the options of an event that it knows, in the order of the enumeration.</summary>
    public required IReadOnlyList<EventOption> EventOptions { get; init; }

    /// <summary>Gets each capability, in the order of the enumeration.</summary>
    public required IReadOnlyList<CapabilityProof> Capabilities { get; init; }

    /// <summary>Gets the tests of what every transport does that were skipped at least in part, with the reasons.</summary>
    public required IReadOnlyDictionary<string, string> Skipped { get; init; }

    /// <summary>Reads a report.</summary>
    /// <param name="json">What <see cref="ToJson"/> has written.</param>
    /// <returns>The report.</returns>
    public static CapabilityReport FromJson(string json) =>
        JsonSerializer.Deserialize<CapabilityReport>(json, Format) ?? throw new JsonException("the report is null");

    /// <summary>Writes the report, the same for the same run.</summary>
    /// <returns>The text, which ends with a line break.</returns>
    public string ToJson() => JsonSerializer.Serialize(this, Format) + "\n";
}
