using EventBroker.Protos.Event.V1;
using EventBroker.Sdk.Errors;
using Google.Protobuf.Reflection;
using Microsoft.AspNetCore.Http;

namespace EventBroker.Endpoints.Grpc;

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

    // Transcoding passes over what it does not know.
    public static void CheckQuery(IQueryCollection query)
    {
        foreach (var name in query.Keys)
        {
            var isPrefixed = name.StartsWith(Prefix, StringComparison.Ordinal);
            var isOption = IsOption(isPrefixed ? name[Prefix.Length..] : name);
            if (isPrefixed != isOption)
            {
                throw Invalid($"unknown parameter '{name}'; allowed: {string.Join(", ", Fields.Select(static f => Prefix + f.Name))}");
            }
        }
    }

    private EventOptions? FromBody => fromBody;

    private static bool IsOption(string name) => Fields.Any(f => f.Name == name || f.JsonName == name);

    private static BrokerException Invalid(string message) => new(BrokerErrorCode.InvalidArgument, message);
}
