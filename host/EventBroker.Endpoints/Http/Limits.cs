using System.Globalization;
using EventBroker.Sdk.Errors;

namespace EventBroker.Endpoints.Http;

internal static class Limits
{
    public static BrokerException TooManyItems(string what, int most) => new(
        BrokerErrorCode.ResourceExhausted,
        string.Create(CultureInfo.InvariantCulture, $"the call has more than {most} {what}, which is the limit: send them in several calls"))
    {
        IsFinal = true,
    };
}
