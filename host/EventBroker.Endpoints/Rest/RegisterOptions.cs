using System.Text.Json;
using EventBroker.Protos.Event.V1;
using EventBroker.Sdk.Errors;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace EventBroker.Endpoints.Rest;

// The options of an event that a REST body brought, on their way past transcoding, which binds the query only.
internal sealed class RegisterOptions(EventOptions? fromBody)
{
    private const string Prefix = "options.";

    private static readonly IList<FieldDescriptor> Fields = EventOptions.Descriptor.Fields.InDeclarationOrder();

    // What the request says, wherever it says it.
    public static EventOptions? Of(RegisterEventRequest request, HttpContext http)
    {
        if (http.Features.Get<RegisterOptions>()?.FromBody is not { } body)
        {
            return request.Options;
        }

        return request.Options is null ? body : throw Invalid("options are given in the query and in the body");
    }

    // Transcoding passes over what it does not know, and does not say which value was wrong.
    public static void CheckQuery(IQueryCollection query)
    {
        foreach (var (name, values) in query)
        {
            var isPrefixed = name.StartsWith(Prefix, StringComparison.Ordinal);
            var field = Fields.FirstOrDefault(f => name.AsSpan(isPrefixed ? Prefix.Length : 0) is var option && (option.SequenceEqual(f.Name) || option.SequenceEqual(f.JsonName)));
            if (isPrefixed != field is not null)
            {
                throw Invalid($"unknown parameter '{name}'; allowed: {string.Join(", ", Fields.Select(static f => Prefix + f.Name))}");
            }

            if (field is not null)
            {
                CheckValue(name, field, values);
            }
        }
    }

    private EventOptions? FromBody => fromBody;

    private static void CheckValue(string name, FieldDescriptor field, StringValues values)
    {
        if (values.Count != 1)
        {
            throw Invalid($"{name} is given {values.Count} times");
        }

        try
        {
            JsonParser.Default.Parse<EventOptions>(JsonSerializer.Serialize(new Dictionary<string, string?> { [field.JsonName] = values[0] }));
        }
        catch (InvalidProtocolBufferException)
        {
            throw Invalid($"{name} is '{values[0]}'; allowed: {(field.FieldType == FieldType.Message ? "seconds such as 86400s or 1.5s" : "a whole number")}");
        }
    }

    private static BrokerException Invalid(string message) => new(BrokerErrorCode.InvalidArgument, message);
}
