using System.Security.Claims;
using System.Text;
using System.Text.Json;
using EventBroker.Broker;
using EventBroker.Broker.Access;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace EventBroker.Samples.Embedded;

/// <summary>Places orders, and says so to whoever listens.</summary>
internal sealed class Orders(MessageBroker broker)
{
    private const string Placed = "order.placed";

    // The application talks to the broker as a caller like any other, without a network between.
    private readonly InProcessCaller _caller = new(new ClaimsPrincipal(new ClaimsIdentity(
        [new Claim(ClaimTypes.Name, "the shop itself"), new Claim(ClaimTypes.Role, ShopRoles.Shop)], "in process")));

    public async Task<IResult> PlaceAsync(NewOrder order, CancellationToken cancellationToken)
    {
        try
        {
            await broker.RegisterAsync(_caller, Placed, EventOptions.None, cancellationToken);
        }
        catch (BrokerException exception) when (exception.Code == BrokerErrorCode.AlreadyExists)
        {
            // The first order of all has registered it.
        }

        var message = new MessageEncoder();
        message.WriteSource("shop");
        message.WritePayload(JsonSerializer.SerializeToUtf8Bytes(order, JsonSerializerOptions.Web));
        var id = await broker.PublishAsync(_caller, Placed, message, cancellationToken);
        return Results.Accepted(value: new { id = Encoding.UTF8.GetString(id.Id.Span) });
    }
}
