using System.Net;
using System.Net.WebSockets;
using Grpc.Core;

namespace EventBroker.FunctionalTests.Crash;

// A client that is cut off again and again, and comes again.
internal abstract class CrashClient(CrashRun run, Route route)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    protected CrashRun Run => run;

    public async Task RunAsync()
    {
        while (await route.NextAsync() is { } stay)
        {
            while (!stay.IsOver)
            {
                try
                {
                    await StayAsync(stay);
                    return;
                }
                catch (Exception) when (stay.IsOver)
                {
                    // It was killed, and everybody who talks to it finds out in a way of his own.
                }
                catch (BackendAwayException) when (run.HasBackend)
                {
                    await PauseAsync();
                }
            }
        }
    }

    // Works until there is nothing left to do; until then it can only be cut off.
    protected abstract Task StayAsync(Stay stay);

    // Whoever tries again waits a moment, as clients do.
    protected static Task PauseAsync() => Task.Delay(Pause, TimeProvider.System);

    // Makes what a host says while its backend is away one kind of failure.
    protected static async Task<T> AskAsync<T>(Task<T> call)
    {
        try
        {
            return await call;
        }
        catch (Exception failure) when (failure is RpcException { StatusCode: StatusCode.Unavailable or StatusCode.DeadlineExceeded } or WebSocketException
            or HttpRequestException { StatusCode: HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout })
        {
            throw new BackendAwayException("the host said that its backend is away", failure);
        }
    }
}
