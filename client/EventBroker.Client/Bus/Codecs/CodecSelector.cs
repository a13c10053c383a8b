using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Google.Protobuf;

namespace EventBroker.Client.Bus;

/// <summary>Finds the codec of a type.</summary>
internal sealed class CodecSelector
{
    private readonly Dictionary<Type, object> _registered;
    private readonly JsonSerializerOptions _json;

    public CodecSelector(EventBusOptions options)
    {
        _registered = new Dictionary<Type, object>(options.Codecs);
        _json = new JsonSerializerOptions(options.Json);
        _json.TypeInfoResolver ??= CreateDefaultResolver();
        _json.MakeReadOnly();
    }

    public IEventCodec<T> Select<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>()
    {
        if (_registered.TryGetValue(typeof(T), out var registered))
        {
            return (IEventCodec<T>)registered;
        }

        if (BytesCodec.Instance is IEventCodec<T> bytes)
        {
            return bytes;
        }

        return typeof(IMessage).IsAssignableFrom(typeof(T)) && !typeof(T).IsAbstract
            ? new ProtobufCodec<T>()
            : new JsonCodec<T>(FindJson<T>());
    }

    private JsonTypeInfo<T> FindJson<T>() =>
        _json.TryGetTypeInfo(typeof(T), out var type)
            ? (JsonTypeInfo<T>)type
            : throw new InvalidOperationException(
                $"there is no JSON metadata for {typeof(T)}: add a JsonSerializerContext that has it to the resolver of EventBusOptions.Json, or give the event a codec");

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Left out by the feature switch where programs are trimmed: then the program brings a resolver.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Left out by the same switch where programs are compiled ahead of time.")]
    private static IJsonTypeInfoResolver CreateDefaultResolver() =>
        JsonSerializer.IsReflectionEnabledByDefault ? new DefaultJsonTypeInfoResolver() : JsonTypeInfoResolver.Combine();
}
