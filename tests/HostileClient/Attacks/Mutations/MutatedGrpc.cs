using Benchmarks.Clients;
using EventBroker.Protos.Broker.V1;
using EventBroker.Protos.Event.V1;
using Google.Protobuf;
using HostileClient.Attacker;
using HostileClient.Attacks.Bodies;
using HostileClient.Wire;

namespace HostileClient.Attacks.Mutations;

/// <summary>gRPC messages, their prefixes, and the frames of HTTP/2 below them, changed by chance.</summary>
internal sealed class MutatedGrpc : IAttack
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private static readonly (string Method, byte[] Frame)[] Calls =
    [
        (Methods.Publish, GrpcFrame.Of(new PublishRequest { Event = Access.OpenEvent, Id = "id", Payload = ByteString.CopyFromUtf8("payload"), Metadata = { ["key"] = "value" } })),
        (Methods.Ack, GrpcFrame.Of(new AckRequest { Entries = { new AckEntry { AckId = AckIds.Text(1), Error = "no", NackDelay = new() { Seconds = 1 } } } })),
        (Methods.Subscribe, GrpcFrame.Of(new SubscribeRequest { Event = Access.OpenEvent, WorkerGroup = "g", StartTime = new() { Seconds = 1 }, MaxAge = new() { Seconds = 9 }, ConsumerId = "c" })),
        (Methods.Register, GrpcFrame.Of(new RegisterEventRequest { Name = "open.r", Options = new() { Retention = new() { Seconds = 60 }, MaxBytes = 100_000 } })),
        (Methods.PublishBatch, GrpcFrame.Of(new PublishBatchRequest { Messages = { new PublishItem { Event = Access.OpenEvent, Metadata = { ["a"] = "b" } }, new PublishItem { Event = "x" } } })),
        (Methods.PublishStream, GrpcFrame.Of(new PublishItem { Event = Access.OpenEvent, Payload = ByteString.CopyFromUtf8("payload") })),
        (Methods.Describe, GrpcFrame.Of(new DescribeEventRequest { Event = Access.OpenEvent })),
        (Methods.Seek, GrpcFrame.Of(new SeekRequest { Event = Access.OpenEvent, WorkerGroup = "g", StartFrom = StartPosition.Beginning })),
    ];

    public string Name => "mutated gRPC";

    public int Workers => 4;

    public TimeSpan Pause => TimeSpan.FromMilliseconds(10);

    public async Task<string> OnceAsync(Turn turn, CancellationToken cancellation)
    {
        var (method, frame) = Calls[turn.Random.Next(Calls.Length)];
        if (turn.Random.Next(4) > 0)
            return await turn.Calls.GrpcAsync(method, Mutation.Of(frame, turn.Random), turn.Role(), cancellation, within: Patience);

        byte[] said =
        [
            .. Http2.Preface,
            .. Http2.Frame(Http2.Headers, Http2.EndHeaders, 1, Http2.GrpcHeaders(method, Access.Guest)),
            .. Http2.Frame(Http2.Data, Http2.EndStream, 1, frame),
            .. Http2.Frame(Http2.WindowUpdate, 0, 0, [0, 0, 1, 0]),
        ];
        using var connection = await RawConnection.OpenAsync(turn.Server.Grpc, cancellation);
        await connection.SendAsync(Mutation.Of(said, turn.Random), cancellation);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(TimeSpan.FromMilliseconds(200));
        return await connection.ReadToEndAsync(patience.Token) + " over HTTP/2";
    }
}
