using EventBroker.FunctionalTests.Hosting;
using EventBroker.Protos.Event.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace EventBroker.FunctionalTests.Streams;

internal sealed class GrpcStream : StreamClient
{
    private readonly EventService.EventServiceClient _client;
    private readonly AsyncServerStreamingCall<Message> _call;

    private GrpcStream(EventService.EventServiceClient client, AsyncServerStreamingCall<Message> call)
    {
        _client = client;
        _call = call;
    }

    public static async Task<GrpcStream> OpenAsync(IServedBroker host, string eventName, StreamOptions options)
    {
        var client = new EventService.EventServiceClient(host.OpenChannel());
        var stream = new GrpcStream(client, client.Subscribe(options.ToRequest(eventName)));
        var headers = await stream._call.ResponseHeadersAsync;
        stream.Resumed = headers.GetValue("eventbroker-resume");
        return stream;
    }

    public override async Task<Received> ReadAsync()
    {
        Assert.True(await _call.ResponseStream.MoveNext());
        return Received.Of(_call.ResponseStream.Current);
    }

    public override async Task<string> SettleAsync(string ackId, string error = "", TimeSpan? delay = null, TimeSpan? extend = null)
    {
        var entry = new AckEntry
        {
            AckId = ackId,
            Error = error,
            NackDelay = delay is { } wait ? Duration.FromTimeSpan(wait) : null,
            Extend = extend is { } more ? Duration.FromTimeSpan(more) : null,
        };
        var response = await _client.AckAsync(new AckRequest { Entries = { entry } });
        return response.Results[0].ToString().ToLowerInvariant();
    }

    public override ValueTask DisposeAsync()
    {
        _call.Dispose();
        return default;
    }
}
