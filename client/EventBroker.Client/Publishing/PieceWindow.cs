namespace EventBroker.Client.Publishing;

/// <summary>The pieces of a stream that are not answered yet.</summary>
/// <remarks>What a piece costs the broker it costs for each, however little is in it. So while two are not answered, the next one gathers until it
/// is full or one of them is; where the broker is so near that nobody waits for long.</remarks>
internal sealed class PieceWindow(TimeProvider time)
{
    private const int Most = 2;
    private static readonly TimeSpan Near = TimeSpan.FromMilliseconds(5);

    private readonly Queue<(long End, long SentAt)> _unanswered = new();
    private TimeSpan _roundTrip = TimeSpan.MaxValue;
    private long _end = 1;

    /// <summary>Gets whether what comes next had better gather.</summary>
    public bool IsFull => _unanswered.Count >= Most && _roundTrip < Near;

    /// <summary>A piece is sent.</summary>
    public void Sent(int messages)
    {
        _end += messages;
        _unanswered.Enqueue((_end, time.GetTimestamp()));
    }

    /// <summary>All before a message are answered, the greeting being the first.</summary>
    public void Answered(long count)
    {
        while (_unanswered.TryPeek(out var piece) && piece.End <= count)
        {
            _roundTrip = time.GetElapsedTime(piece.SentAt);
            _unanswered.Dequeue();
        }
    }
}
