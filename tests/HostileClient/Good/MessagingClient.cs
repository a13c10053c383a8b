using Benchmarks.Measuring;
using Benchmarks.Servers;
using EventBroker.Protos.Event.V1;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace HostileClient.Good;

/// <summary>A publisher over gRPC, and its subscribers over gRPC and SSE.</summary>
internal sealed class MessagingClient : IGoodClient
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly CancellationTokenSource _closing = new();
    private readonly StallWatch _stalls = new();
    private readonly Faults _faults = new();
    private readonly GrpcChannel _channel;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly EventService.EventServiceClient _client;
    private readonly Metadata _headers;
    private readonly string _eventName;
    private readonly GrpcSubscriber _grpc;
    private readonly SseSubscriber _sse;
    private readonly List<Task<bool>> _published = [];
    private Task _reading = Task.CompletedTask;

    private MessagingClient(ServerAddresses server, string role, string eventName)
    {
        _eventName = eventName;
        _headers = new Metadata { { Access.RoleHeader, role } };
        _http.DefaultRequestHeaders.Add(Access.RoleHeader, role);
        _channel = GrpcChannel.ForAddress(server.Grpc, new GrpcChannelOptions { HttpHandler = new SocketsHttpHandler { UseProxy = false }, DisposeHttpClient = true });
        _client = new EventService.EventServiceClient(_channel);
        _grpc = new GrpcSubscriber(_client, _headers, eventName, _stalls, _faults);
        _sse = new SseSubscriber(_http, server.Http, eventName, _stalls, _faults);
    }

    public IReadOnlyList<(string Name, Latencies Latencies)> Measured => [("gRPC", _grpc.Received.Latencies), ("SSE", _sse.Received.Latencies)];

    public static async Task<IGoodClient> OpenAsync(ServerAddresses server, string role, string eventName, CancellationToken cancellation)
    {
        var client = new MessagingClient(server, role, eventName);
        try
        {
            await client._client.RegisterEventAsync(new RegisterEventRequest { Name = eventName }, client._headers, cancellationToken: cancellation);
            client._reading = Task.WhenAll(await client._grpc.OpenAsync(client._closing.Token), await client._sse.OpenAsync(client._closing.Token));
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    public void Send() => _published.Add(PublishAsync(_published.Count));

    public async Task<IReadOnlyList<string>> EndAsync(CancellationToken cancellation)
    {
        var wasPublished = await Task.WhenAll(_published);
        var until = TimeProvider.System.GetTimestamp();
        while (Lost(_grpc.Received) + Lost(_sse.Received) > 0 && TimeProvider.System.GetElapsedTime(until) < Patience)
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellation);

        foreach (var (name, received) in new[] { ("gRPC", _grpc.Received), ("SSE", _sse.Received) })
        {
            if (Lost(received) is > 0 and var lost)
                _faults.Add($"{lost} of {wasPublished.Length} messages did not reach the good subscriber over {name}");
        }

        return _faults.ToList();

        int Lost(Received received) => Enumerable.Range(0, wasPublished.Length).Count(number => wasPublished[number] && !received.Has(number));
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _reading;
        await _stalls.DisposeAsync();
        _channel.Dispose();
        _http.Dispose();
        _closing.Dispose();
    }

    private async Task<bool> PublishAsync(int number)
    {
        try
        {
            var request = new PublishRequest { Event = _eventName, Payload = ByteString.CopyFrom(Stamp.Write(number)) };
            await _client.PublishAsync(request, _headers, deadline: TimeProvider.System.GetUtcNow().UtcDateTime + Patience);
            return true;
        }
        catch (RpcException fault)
        {
            _faults.Add($"a good publish failed: {fault.Status}");
            return false;
        }
    }
}
