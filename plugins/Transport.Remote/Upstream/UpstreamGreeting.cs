using EventBroker.Client;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Settings;
using EventBroker.Transport.Remote.Messages;
using EventBroker.Transport.Remote.Settings;
using Microsoft.Extensions.Logging;

namespace EventBroker.Transport.Remote.Upstream;

/// <summary>The first round trip: what the broker behind can do must be known before this one serves.</summary>
internal static class UpstreamGreeting
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Asks until there is an answer, for as long as the settings allow.</summary>
    /// <exception cref="BrokerException">There was none, or one that will not change.</exception>
    public static async Task<BrokerHealth> AskAsync(
        RemoteTransport client, RemoteSettings settings, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(settings.StartTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        EventBrokerException? last = null;
        var address = settings.Address!.ToString();
        try
        {
            while (true)
            {
                try
                {
                    return await client.CheckHealthAsync(either.Token);
                }
                catch (EventBrokerException exception) when (RemoteErrors.IsOutage(exception.Code))
                {
                    if (last is null)
                    {
                        RemoteLog.Waiting(logger, address, exception.Message);
                    }

                    last = exception;
                }

                await Task.Delay(Pause, time, either.Token);
            }
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw Failure(
                settings, $"did not answer within startTimeout ({DurationText.Format(settings.StartTimeout)})", last?.Message);
        }
        catch (EventBrokerException exception)
        {
            throw Failure(settings, $"refused to tell its health with {exception.Code}", exception.Message);
        }
    }

    private static BrokerException Failure(RemoteSettings settings, string what, string? reason) => new(
        BrokerErrorCode.Unavailable,
        $"the broker at {settings.Address} (setting \"address\") {what}{(reason is null ? "" : ": " + reason.TrimEnd('.'))}. "
        + "The address must be the one where it serves gRPC");
}
