using System.Runtime.InteropServices;

namespace EventBroker.Transport.Local.Places;

/// <summary>A message that was given back and waits to be delivered again.</summary>
internal readonly struct Returned
{
    public required ulong Sequence { get; init; }

    /// <summary>Gets the message's bytes, in an array of their own (see <see cref="Own"/>); null if they are in the log only.</summary>
    public ReadOnlyMemory<byte>? Message { get; init; }

    /// <summary>Gets the count that it will be delivered with.</summary>
    public required int RetryCount { get; init; }

    /// <summary>Gets how many missed messages are still to be told of with it.</summary>
    public long Missed { get; init; }

    /// <summary>Gets the number of the member that let it expire; 0 if none did.</summary>
    public long ExpiredWith { get; init; }

    /// <summary>Gets bytes that keep nothing alive but themselves: what waits for long outlives its slab.</summary>
    public static ReadOnlyMemory<byte> Own(ReadOnlyMemory<byte> message) => IsOwn(message) ? message : message.ToArray();

    /// <summary>Tells whether bytes fill their array.</summary>
    public static bool IsOwn(ReadOnlyMemory<byte> message) =>
        MemoryMarshal.TryGetArray(message, out var segment) && segment.Count == segment.Array!.Length;
}
