using System.Net.WebSockets;
using EventBroker.Broker;
using EventBroker.Broker.Settling;
using EventBroker.Endpoints.Http;
using EventBroker.Sdk.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EventBroker.Endpoints.WebSockets;

// One connection after the upgrade: sends and receives at the same time, and ends with a close frame.
internal sealed class WebSocketSession(
    MessageBroker broker, WebSocket socket, WebSocketOutput output, HttpCaller caller, HttpContext http, TimeProvider time, ILogger logger)
{
    // The client has answered the close frame by which the broker said that its consumer id was taken over.
    public bool KnowsOfTakeover { get; private set; }

    // How long the other side has to answer a close frame, or to take what is on its way to it.
    private TimeSpan CloseTimeout => broker.Options.CloseTimeout;

    // Delivers for as long as the client stays; returns why it has ended, for the log.
    public async Task<string> RunAsync(Func<CancellationToken, Task> deliver)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        var sending = SendAsync(deliver, stop.Token);
        var receiving = ReceiveAsync();
        await Task.WhenAny(sending, receiving);
        var clientClosed = receiving.IsCompleted;
        await stop.CancelAsync();
        try
        {
            var failure = await sending.WaitAsync(CloseTimeout, time);
            if (clientClosed)
            {
                var status = await receiving;
                await CloseAsync(status, "");
                if (status == WebSocketCloseStatus.MessageTooBig)
                {
                    // Cutting the connection while the client still writes would take the close frame from it.
                    await new FrameReader(socket).DiscardAsync().WaitAsync(CloseTimeout, time);
                }

                return "the client has closed";
            }

            if (failure is not null)
            {
                await output.SendAsync(ServerFrames.Error(failure)).WaitAsync(CloseTimeout, time);
                await CloseAsync(WebSocketCloseCodes.Of(failure.Code, broker.Draining.IsCancellationRequested), failure.Message);
                var answer = await receiving.WaitAsync(CloseTimeout, time);
                KnowsOfTakeover = failure.Reason == BrokerErrorReason.TakenOver && answer == WebSocketCloseStatus.NormalClosure;
            }
            else
            {
                Cut();
            }

            return failure?.Message ?? "the connection is gone";
        }
        catch (Exception exception) when (exception is TimeoutException or WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            Cut();
            return "the connection was cut";
        }
        finally
        {
            await Task.WhenAll(sending, receiving);
        }
    }

    // The socket alone would leave a blocked send blocked.
    private void Cut()
    {
        http.Abort();
        socket.Abort();
    }

    // Null when the connection is gone or the client has closed.
    private async Task<BrokerException?> SendAsync(Func<CancellationToken, Task> deliver, CancellationToken stop)
    {
        try
        {
            await deliver(stop);
            return null;
        }
        catch (Exception exception) when (IsGone(exception))
        {
            return null;
        }
        catch (Exception exception)
        {
            return Failures.ForCaller(exception, logger, Protocols.WebSocket, http.Request.Path);
        }
    }

    private async Task<WebSocketCloseStatus> ReceiveAsync()
    {
        try
        {
            return await new FrameReader(socket).ReadAllAsync(OnTextAsync, OnBinaryAsync);
        }
        catch (Exception exception) when (IsGone(exception))
        {
            return WebSocketCloseStatus.Empty;
        }
        catch (Exception exception)
        {
            Failures.ForCaller(exception, logger, Protocols.WebSocket, http.Request.Path);
            return WebSocketCloseStatus.InternalServerError;
        }
    }

    private async Task OnTextAsync(ReadOnlyMemory<byte> json)
    {
        output.IsHandling = true;
        try
        {
            var frame = ClientFrame.Parse(json.Span);
            SettleEntry[] entries = [frame.Entry];
            await broker.SettleAsync(caller, entries, http.RequestAborted);
            if (frame.WantsResult)
            {
                await output.SendAsync(ServerFrames.AckResult(frame.AckId, entries[0].Result));
            }
        }
        catch (BrokerException fault)
        {
            await output.SendAsync(ServerFrames.Error(Failures.ForCaller(fault, logger, Protocols.WebSocket, http.Request.Path)));
        }
        finally
        {
            output.IsHandling = false;
        }
    }

    private Task OnBinaryAsync() =>
        output.SendAsync(ServerFrames.Error(new BrokerException(BrokerErrorCode.InvalidArgument, "frames are text, in JSON")));

    private async Task CloseAsync(WebSocketCloseStatus status, string reason)
    {
        if (status != WebSocketCloseStatus.Empty && socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
        {
            // A close frame has room for 123 bytes of text.
            var text = reason.Length <= 100 && System.Text.Ascii.IsValid(reason) ? reason : "";
            await socket.CloseOutputAsync(status, text, CancellationToken.None).WaitAsync(CloseTimeout, time);
        }
    }

    private static bool IsGone(Exception exception) =>
        exception is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException
            or Microsoft.AspNetCore.Connections.ConnectionAbortedException;
}
