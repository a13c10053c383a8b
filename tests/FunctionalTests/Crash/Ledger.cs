namespace EventBroker.FunctionalTests.Crash;

// What publishers and consumers have seen, and what of it must not be: broken rules are gathered, not thrown, so that no cut hides one.
internal sealed class Ledger(ICrashBackend? backend)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _crashesAtSent = new(StringComparer.Ordinal);
    private readonly HashSet<string> _acknowledged = new(StringComparer.Ordinal);
    private readonly List<(string? Id, string What)> _violations = [];
    private readonly List<PlaceLedger> _places = [];
    private TaskCompletionSource _moved = Create();
    private int _crashes;
    private bool _isClosing;

    public int Crashes => Volatile.Read(ref _crashes);

    public Lock Lock => _lock;

    public ICrashBackend? Backend => backend;

    public IReadOnlyList<string> Violations => _violations.ConvertAll(static v => v.What);

    public IReadOnlyList<PlaceLedger> Places => _places;

    public IReadOnlyCollection<string> Acknowledged => _acknowledged;

    // Publishes that were answered as duplicates: the first attempt had arrived, and its answer was cut off.
    public int AnsweredAsDuplicates { get; private set; }

    // Publishers end when what they have sent is answered.
    public bool IsClosing => Volatile.Read(ref _isClosing);

    public PlaceLedger AddPlace(string name, bool isOrdered)
    {
        var place = new PlaceLedger(this, name, isOrdered);
        _places.Add(place);
        return place;
    }

    public void Close()
    {
        Volatile.Write(ref _isClosing, true);
        lock (_lock)
        {
            Moved();
        }
    }

    public void Sending(string id)
    {
        lock (_lock)
        {
            _crashesAtSent.TryAdd(id, Crashes);
        }
    }

    // A broker or its backend is killed: what it was about to send may count, and nobody has seen it.
    public void Crashed() => Interlocked.Increment(ref _crashes);

    public void Answered(string id, bool isDuplicate)
    {
        lock (_lock)
        {
            if (!_acknowledged.Add(id))
            {
                Violate($"{id} was answered twice");
            }

            AnsweredAsDuplicates += isDuplicate ? 1 : 0;
        }
    }

    // Ends when all places have seen all but so many of a publisher's messages, or when publishers are to end.
    public Task RoomAsync(string publisher, int published, int ahead) =>
        WhenAsync(() => _isClosing || _places.TrueForAll(p => published - p.CountOf(publisher) < ahead));

    // Ends when everything that was acknowledged is settled, or is as far as anybody can know, in all places.
    public Task SettledAsync() => WhenAsync(() => _places.TrueForAll(p => p.IsThrough(_acknowledged)));

    // How often something had crashed when a message was sent for the first time.
    public int? CrashesAtSent(string id) => _crashesAtSent.TryGetValue(id, out var crashes) ? crashes : null;

    public void Violate(string what) => _violations.Add((null, what));

    // A message came more often than it should.
    public void Repeated(string id, string what) => _violations.Add((id, what));

    // What the backend has twice is two messages, which come and are settled once each.
    public int Excuse(IReadOnlySet<string> repeats) => _violations.RemoveAll(v => v.Id is not null && repeats.Contains(v.Id));

    public void Moved()
    {
        var moved = _moved;
        _moved = Create();
        moved.SetResult();
    }

    private static TaskCompletionSource Create() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task WhenAsync(Func<bool> condition)
    {
        while (true)
        {
            Task moved;
            lock (_lock)
            {
                if (condition())
                {
                    return;
                }

                moved = _moved.Task;
            }

            await moved;
        }
    }
}
