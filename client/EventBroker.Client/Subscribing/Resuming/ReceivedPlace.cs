namespace EventBroker.Client.Subscribing;

/// <summary>Behind the last message that came, where the broker settles by itself.</summary>
internal sealed class ReceivedPlace(string? cursor) : CursorPlace
{
    private string? _cursor = cursor;

    public override string? Cursor => _cursor;

    public override bool TryAdd(IncomingMessage message, out ResumeEntry? entry)
    {
        _cursor = message.Cursor.Length > 0 ? message.Cursor : _cursor;
        return base.TryAdd(message, out entry);
    }
}
