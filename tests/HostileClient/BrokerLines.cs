namespace HostileClient;

/// <summary>What the broker has written: how much, and the errors with the first lines of their stack.</summary>
internal sealed class BrokerLines
{
    private const int KeptErrors = 20;
    private const int KeptOfStack = 6;

    private readonly Lock _lock = new();
    private readonly List<string> _errors = [];
    private int _count;
    private int _left;

    public int Count => Volatile.Read(ref _count);

    public IReadOnlyList<string> Errors
    {
        get
        {
            lock (_lock)
                return [.. _errors];
        }
    }

    public void Hear(string line)
    {
        Interlocked.Increment(ref _count);
        var isError = line.Contains(" ERR ", StringComparison.Ordinal) || line.Contains(" FTL ", StringComparison.Ordinal);
        lock (_lock)
        {
            if (isError)
                _left = KeptOfStack;

            if (_left-- > 0 && (isError ? _errors.Count < KeptErrors : _errors.Count > 0))
            {
                if (isError)
                    _errors.Add(line);
                else
                    _errors[^1] += "\n       " + line;
            }
        }
    }
}
