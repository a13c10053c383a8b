using System.Text.Json.Serialization;

namespace EventBroker.Samples.Standalone;

// Generated while compiling: no reflection, so the program can be trimmed and compiled to native code.
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Order))]
internal sealed partial class OrderJson : JsonSerializerContext;
