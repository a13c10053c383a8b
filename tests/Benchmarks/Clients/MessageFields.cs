namespace Benchmarks.Clients;

/// <summary>What is looked at in an encoded message.</summary>
internal readonly ref struct MessageFields
{
    // Fields 1, 6 and 7 of Message.
    private const ulong IdTag = (1 << 3) | 2;
    private const ulong RetryCountTag = 6 << 3;
    private const ulong AckIdTag = (7 << 3) | 2;

    private MessageFields(ReadOnlySpan<byte> id, ReadOnlySpan<byte> ackId, int retryCount)
    {
        Id = id;
        AckId = ackId;
        RetryCount = retryCount;
    }

    public ReadOnlySpan<byte> Id { get; }

    public ReadOnlySpan<byte> AckId { get; }

    public int RetryCount { get; }

    public static MessageFields Read(ReadOnlySpan<byte> message)
    {
        ReadOnlySpan<byte> id = default, ackId = default;
        var retryCount = 0;
        while (!message.IsEmpty)
        {
            var tag = ReadVarint(ref message);
            var value = (int)ReadVarint(ref message);
            if ((tag & 7) == 0)
            {
                retryCount = tag == RetryCountTag ? value : retryCount;
                continue;
            }

            if ((tag & 7) != 2)
                throw new InvalidDataException($"A message has a field with tag {tag}.");

            if (tag == IdTag)
                id = message[..value];
            else if (tag == AckIdTag)
                ackId = message[..value];

            message = message[value..];
        }

        return ackId.IsEmpty ? throw new InvalidDataException("A message has no ack id.") : new MessageFields(id, ackId, retryCount);
    }

    private static ulong ReadVarint(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = bytes[0];
            bytes = bytes[1..];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }

        throw new InvalidDataException("A message holds a number of more than ten bytes.");
    }
}
