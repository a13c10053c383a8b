using System.Runtime.InteropServices;

namespace EventBroker.Transport.Local.Storage;

/// <summary>The index entry of one message; its beginning is the end of the one before.</summary>
/// <remarks>Packed to 12 bytes: with small messages the index is a good part of what is held.</remarks>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct SlabEntry
{
    public const int Size = 12;

    public long AcceptedTicks;
    public int End;
}
