using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

/// <summary>What has broken other systems.</summary>
public static class DifficultInputs
{
    /// <summary>Gets keys, those of one message separated by a vertical tab.</summary>
    public static TheoryData<string> Keys =>
    [
        "a:b", ":authority", "::", "a b", " ", " leading", "trailing ", "\ttab", "", "-", "_", "1", "123", "...", "a=b", "a,b;c", "\"quoted\"",
        "a\r\nb", "\r\n", "a\nb: c", "\0", "a\0b", "\u007f", "ключ", "é", "e\u0301", "🙂", "\u00a0", "\ufeffkey",
        "Key\vkey\vKEY", "a-b\va_b\va.b", "Straße\vSTRASSE",
        "Nats-Msg-Id", "Nats-Rollup", "Nats-Expected-Stream", "Nats-Expected-Last-Sequence", "Nats-TTL", "Nats-Schedule",
        "kafka_offset", "kafka_receivedTopic", "kafka_timestampType", "__key", "content-type", "Content-Length", "grpc-timeout", "traceparent",
        "tracestate", "baggage", "x-source", "source", "id", "payload", "timestamp", "id\vID", "ce-id", "MAXLEN", "NOMKSTREAM", "*",
        "x-delay", "x-death", "expiration", "__TypeId__", "$schema", "constructor",
    ];

    /// <summary>Gets values.</summary>
    public static TheoryData<string> Values =>
    [
        "", " ", " leading", "trailing ", "a\r\nb", "\r\n\r\n", "a\nb", "a\tb", "\0", "a\0b", "значение", "🙂", "\u00a0", "\ufeff", "sub", "all", "0",
        "-1", "null", "{}", "a,b", "\"", "\\", "%0d%0a", "=?utf-8?q?a?=",
    ];

    /// <summary>Gets pairs of names that a backend may take for one.</summary>
    public static TheoryData<string, string> SimilarNames => new()
    {
        { ".a", "_a" }, { ".a", "-a" }, { "_a", "-a" }, { ".a", ".A" }, { "a", "A" }, { ".a.b", ".a_b" }, { "..a", ".a" }, { ".", "_" }, { ".", "" },
        { ".a.b", ".a" },
    };

    /// <summary>Gets an event's options.</summary>
    public static TheoryData<EventOption> EventOptions => [.. Enum.GetValues<EventOption>()];
}
