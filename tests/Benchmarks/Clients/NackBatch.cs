using EventBroker.Protos.Event.V1;
using Google.Protobuf.WellKnownTypes;

namespace Benchmarks.Clients;

/// <summary>The messages of one Ack call, the calls' frames, and when the one with the nacks was under way.</summary>
internal sealed class NackBatch
{
    private static readonly Duration Extension = Duration.FromTimeSpan(TimeSpan.FromSeconds(60));

    public NackBatch(IReadOnlyList<NackedMessage> messages)
    {
        Messages = messages;
        Extend = FrameOf(static message => new AckEntry { AckId = message.AckId, Extend = Extension });
        Nack = FrameOf(static message => new AckEntry
        {
            AckId = message.AckId,
            Error = "benchmark",
            NackDelay = Duration.FromTimeSpan(message.Delay),
        });
    }

    public IReadOnlyList<NackedMessage> Messages { get; }

    public byte[] Extend { get; }

    public byte[] Nack { get; }

    /// <summary>Gets or sets the timestamp before the nacks were sent.</summary>
    public long Sent { get; set; }

    /// <summary>Gets or sets the timestamp of their answer.</summary>
    public long Answered { get; set; }

    /// <summary>Makes the frame that acks what each message was delivered as last.</summary>
    public byte[] MakeAck() => FrameOf(static message => new AckEntry { AckId = message.AckId });

    private byte[] FrameOf(Func<NackedMessage, AckEntry> entry) => GrpcFrame.Of(new AckRequest { Entries = { Messages.Select(entry) } });
}
