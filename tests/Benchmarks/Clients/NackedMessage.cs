using System.Text;

namespace Benchmarks.Clients;

/// <summary>A message that is nacked once, and when it came back.</summary>
internal sealed class NackedMessage
{
    private readonly byte[] _ackId = new byte[64];
    private int _ackIdLength;

    public NackedMessage(ReadOnlySpan<byte> ackId, TimeSpan delay)
    {
        SetAckId(ackId);
        Delay = delay;
    }

    /// <summary>Gets the name of its last delivery.</summary>
    public string AckId => Encoding.ASCII.GetString(_ackId, 0, _ackIdLength);

    /// <summary>Gets how long it is to wait after its nack.</summary>
    public TimeSpan Delay { get; }

    /// <summary>Gets the timestamp of its redelivery; 0 before that.</summary>
    public long Returned { get; private set; }

    /// <summary>Notes its redelivery. Allocates nothing: a collection would make this process late itself.</summary>
    public void Return(ReadOnlySpan<byte> ackId, long now)
    {
        SetAckId(ackId);
        Returned = now;
    }

    private void SetAckId(ReadOnlySpan<byte> ackId)
    {
        ackId.CopyTo(_ackId);
        _ackIdLength = ackId.Length;
    }
}
