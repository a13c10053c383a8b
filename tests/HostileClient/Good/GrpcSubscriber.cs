using System.Threading.Channels;
using Benchmarks.Measuring;
using EventBroker.Protos.Event.V1;
using Grpc.Core;

namespace HostileClient.Good;

/// <summary>A worker that acks whatever it gets, over gRPC.</summary>
internal sealed class GrpcSubscriber(EventService.EventServiceClient client, Metadata headers, string eventName, StallWatch stalls, Faults faults)
{
    private readonly Channel<string> _acks = Channel.CreateUnbounded<string>();

    public Received Received { get; } = new(stalls);

    /// <summary>Subscribes, and returns once the subscription is open.</summary>
    public async Task<Task> OpenAsync(CancellationToken cancellation)
    {
        var request = new SubscribeRequest { Event = eventName, DeliveryMode = DeliveryMode.WorkerPool, WorkerGroup = "good" };
        var call = client.Subscribe(request, headers, cancellationToken: cancellation);
        await call.ResponseHeadersAsync;
        return Task.WhenAll(ReadAsync(call, cancellation), AckAsync(cancellation));
    }

    private async Task ReadAsync(AsyncServerStreamingCall<Message> call, CancellationToken cancellation)
    {
        using (call)
        {
            try
            {
                await foreach (var message in call.ResponseStream.ReadAllAsync(cancellation))
                {
                    Received.Add(message.Payload.Span);
                    _acks.Writer.TryWrite(message.AckId);
                }

                faults.Add("the good gRPC stream has ended");
            }
            catch (Exception fault)
            {
                // Unless the run is over.
                if (!cancellation.IsCancellationRequested)
                    faults.Add($"the good gRPC stream has ended: {fault.Message}");
            }
        }
    }

    private async Task AckAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                var request = new AckRequest();
                request.Entries.Add(new AckEntry { AckId = await _acks.Reader.ReadAsync(cancellation) });
                while (_acks.Reader.TryRead(out var next))
                    request.Entries.Add(new AckEntry { AckId = next });

                foreach (var result in (await client.AckAsync(request, headers, cancellationToken: cancellation)).Results)
                {
                    if (result != AckResult.Settled)
                        faults.Add($"an ack of the good subscriber was answered {result}");
                }
            }
            catch (Exception fault)
            {
                // Unless the run is over.
                if (!cancellation.IsCancellationRequested)
                    faults.Add($"an ack of the good subscriber failed: {fault.Message}");
            }
        }
    }
}
