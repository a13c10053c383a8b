using System.Globalization;
using System.Threading.Channels;
using EventBroker.Client.Tests.Faults;
using EventBroker.Protos.Event.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace EventBroker.Client.Tests.GoServer;

internal sealed class GoEventService : EventService.EventServiceBase
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<Message>> _events = [];
    private readonly List<(string Event, Channel<Message> Messages)> _streams = [];
    private long _ackIds;
    private long _now = 1_700_000_000;

    // Asked before a publish; what it throws is the answer.
    public Func<PublishRequest, Task>? OnPublish { get; set; }

    public Func<AckRequest, Task>? OnAck { get; set; }

    public Func<SubscribeRequest, Task>? OnSubscribe { get; set; }

    public List<AckEntry> Acks { get; } = [];

    public List<SubscribeRequest> Subscribes { get; } = [];

    public Counted Subscribed { get; } = new();

    // Messages that the connection has taken.
    public Counted Written { get; } = new();

    // Whether the next messages get the time of the last one, as happens when many come at once.
    public bool TimeStands { get; set; }

    // Whether a stream sends its headers at once, as a proxy in between may make it do.
    public bool SendsHeadersAtOnce { get; set; }

    // Ends the streams, without an error or with one.
    public void EndStreams(RpcException? error)
    {
        lock (_lock)
        {
            foreach (var (_, messages) in _streams)
            {
                messages.Writer.TryComplete(error);
            }

            _streams.Clear();
        }
    }

    public override Task<RegisterEventResponse> RegisterEvent(RegisterEventRequest request, ServerCallContext context)
    {
        lock (_lock)
        {
            return _events.TryAdd(request.Name, [])
                ? Task.FromResult(new RegisterEventResponse())
                : throw new RpcException(new Status(StatusCode.AlreadyExists, "event already registered"));
        }
    }

    public override async Task<PublishResponse> Publish(PublishRequest request, ServerCallContext context)
    {
        await (OnPublish?.Invoke(request) ?? Task.CompletedTask);
        lock (_lock)
        {
            var message = new Message
            {
                Id = request.Id,
                Source = context.RequestHeaders.GetValue("x-source") ?? "remote",
                Payload = request.Payload,
                Timestamp = new Timestamp { Seconds = TimeStands ? _now : ++_now },
            };
            message.Metadata.Add(request.Metadata);
            Find(request.Event).Add(message);
            foreach (var (name, messages) in _streams)
            {
                if (name.Equals(request.Event, StringComparison.Ordinal))
                {
                    messages.Writer.TryWrite(Deliver(message));
                }
            }
        }

        return new PublishResponse { Id = request.Id };
    }

    public override async Task Subscribe(SubscribeRequest request, IServerStreamWriter<Message> responseStream, ServerCallContext context)
    {
        await (OnSubscribe?.Invoke(request) ?? Task.CompletedTask);
        var channel = Channel.CreateUnbounded<Message>();
        lock (_lock)
        {
            Subscribes.Add(request);
            foreach (var message in Find(request.Event))
            {
                if (request.StartFrom == StartPosition.Beginning
                    || (request.StartFrom == StartPosition.Timestamp && message.Timestamp >= request.StartTime))
                {
                    channel.Writer.TryWrite(Deliver(message));
                }
            }

            _streams.Add((request.Event, channel));
        }

        Subscribed.Increment();
        if (SendsHeadersAtOnce)
        {
            await context.WriteResponseHeadersAsync([]);
        }

        await foreach (var message in channel.Reader.ReadAllAsync(context.CancellationToken))
        {
            await responseStream.WriteAsync(message, context.CancellationToken);
            Written.Increment();
        }
    }

    public override async Task<AckResponse> Ack(AckRequest request, ServerCallContext context)
    {
        await (OnAck?.Invoke(request) ?? Task.CompletedTask);
        lock (_lock)
        {
            Acks.AddRange(request.Entries);
        }

        return new AckResponse();
    }

    public override Task<HealthResponse> Health(HealthRequest request, ServerCallContext context) =>
        Task.FromResult(new HealthResponse { Status = HealthStatus.Healthy, Message = "ok" });

    private Message Deliver(Message message)
    {
        var delivery = message.Clone();
        delivery.AckId = (++_ackIds).ToString(CultureInfo.InvariantCulture);
        return delivery;
    }

    private List<Message> Find(string name) => _events.TryGetValue(name, out var messages)
        ? messages
        : throw new RpcException(new Status(StatusCode.NotFound, "event not registered"));
}
