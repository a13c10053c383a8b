using System.Text;

namespace EventBroker.Endpoints.Grpc;

// Publishers name the same few events again and again: their strings are kept, at the most one for each of a fixed number of slots.
internal static class EventNames
{
    private const int Slots = 1024;
    private static readonly string?[] Recent = new string?[Slots];

    public static string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty || utf8.Length > Sdk.Messages.EventName.MaxLength)
        {
            return Encoding.UTF8.GetString(utf8);
        }

        ref var slot = ref Recent[Hash(utf8) & (Slots - 1)];
        if (Volatile.Read(ref slot) is { } known && Ascii.Equals(utf8, known))
        {
            return known;
        }

        var name = Encoding.UTF8.GetString(utf8);
        Volatile.Write(ref slot, name);
        return name;
    }

    private static int Hash(ReadOnlySpan<byte> utf8)
    {
        var hash = 17u;
        foreach (var b in utf8)
        {
            hash = (hash * 31) + b;
        }

        return (int)(hash ^ (hash >> 15));
    }
}
