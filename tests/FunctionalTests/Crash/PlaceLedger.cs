namespace EventBroker.FunctionalTests.Crash;

// What one worker group or consumer id has seen. Its lock is the ledger's.
internal sealed class PlaceLedger(Ledger owner, string name, bool isOrdered)
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _countByPublisher = new(StringComparer.Ordinal);
    private readonly List<string> _fresh = [];
    private int _through;

    public string Name => name;

    public int Received { get; private set; }

    // Those that came although nobody had given them back: their life ended, or the answer to their settlement was cut off.
    public int Duplicates { get; private set; }

    // Those that came although they were settled, where the backend may do that.
    public int Repeats { get; private set; }

    // Those that were on their way to a client when their host lost them, and were settled elsewhere before the client came to them.
    public int Late { get; private set; }

    // Settlements whose answer nobody got.
    public int InDoubt { get; private set; }

    private bool ForgetsCounts => owner.Backend?.ForgetsCounts == true;

    public int CountOf(string publisher) => _countByPublisher.GetValueOrDefault(publisher);

    public bool IsThrough(IReadOnlyCollection<string> acknowledged) =>
        _through >= acknowledged.Count && acknowledged.All(id => _entries.TryGetValue(id, out var entry) && entry.IsThrough);

    public string Missing(IReadOnlyCollection<string> acknowledged) => string.Join(
        ' ', acknowledged.Where(id => !_entries.TryGetValue(id, out var entry) || !entry.IsThrough).Take(20));

    // Returns whether it was settled before, and may be what was on its way to this client when it was taken from its host: that host knows.
    public bool Take(string id, int retryCount, Stay stay)
    {
        lock (owner.Lock)
        {
            Received++;
            var crashes = owner.Crashes;
            if (owner.CrashesAtSent(id) is not { } sent)
            {
                owner.Violate($"{name}: {id} was never sent");
                return false;
            }

            var isNew = !_entries.TryGetValue(id, out var entry);
            if (entry is null)
            {
                _entries[id] = entry = new Entry { Count = -1, Crashes = sent };
                var publisher = id[..id.IndexOf('-', StringComparison.Ordinal)];
                _countByPublisher[publisher] = CountOf(publisher) + 1;
            }
            else if (!entry.IsGivenBack)
            {
                Duplicates++;
            }

            if (entry.State == State.Settled && owner.Backend?.TakesBack == true)
            {
                return true;
            }

            if (entry.State == State.Settled && retryCount == 0 && MayRepeat(entry, stay))
            {
                Repeats++;
            }
            else if (entry.State == State.Settled)
            {
                owner.Repeated(id, $"{name}: {id} was settled, and came again after {crashes} crashes with count {retryCount}");
            }

            // One more for what was seen, and for each crash since then at the most one more, for what was on its way. A backend also counts
            // what it has handed to a broker that then was too slow to hold it.
            var least = ForgetsCounts ? 0 : entry.Count + 1;
            var most = owner.Backend is not null ? int.MaxValue : least + crashes - entry.Crashes;
            if (retryCount < least || retryCount > most)
            {
                owner.Violate($"{name}: {id} came after {crashes} crashes with count {retryCount}; it should be {least} to {most}");
            }

            if (retryCount == 0 && (isNew || !ForgetsCounts))
            {
                _fresh.Add(id);
            }

            entry.Count = retryCount;
            entry.Crashes = crashes;
            entry.IsGivenBack = false;
            Change(entry, State.Open);
            owner.Moved();
            return false;
        }
    }

    // It came again, and its host had not forgotten it.
    public void SettledAgain(string id)
    {
        lock (owner.Lock)
        {
            owner.Repeated(id, $"{name}: {id} was settled, and came again to be settled after {owner.Crashes} crashes");
        }
    }

    // It was on its way while another one settled it.
    public void CameLate()
    {
        lock (owner.Lock)
        {
            Late++;
        }
    }

    // The client has asked for it to be settled, and waits.
    public void Settling(string id)
    {
        lock (owner.Lock)
        {
            InDoubt++;
            var entry = _entries[id];
            entry.Doubts++;
            if (entry.State == State.Open)
            {
                Change(entry, State.InDoubt);
            }
        }
    }

    public void Settled(string id, Stay stay)
    {
        lock (owner.Lock)
        {
            InDoubt--;
            var entry = _entries[id];
            entry.Doubts--;
            if (entry.State == State.Settled && !MayRepeat(entry, stay))
            {
                owner.Repeated(id, $"{name}: {id} was settled twice");
            }

            entry.SettledAt = stay;
            Change(entry, State.Settled);
            owner.Moved();
        }
    }

    // The client was told that it is not its any more.
    public void NotSettled(string id)
    {
        lock (owner.Lock)
        {
            InDoubt--;
            var entry = _entries[id];
            entry.Doubts--;
            if (entry.State != State.Settled)
            {
                // Another one may have settled it and not have been answered.
                Change(entry, entry.Doubts == 0 ? State.Open : State.InDoubt);
                owner.Moved();
            }
        }
    }

    public void GivenBack(string id)
    {
        lock (owner.Lock)
        {
            _entries[id].IsGivenBack = true;
        }
    }

    // Compares with the log's own order what was handed over for the first time.
    public void CheckOrder(IReadOnlyDictionary<string, int> order)
    {
        if (!isOrdered)
        {
            return;
        }

        var last = -1;
        foreach (var id in _fresh)
        {
            if (!order.TryGetValue(id, out var index) || index <= last)
            {
                owner.Violate($"{name}: {id} came out of order for the first time");
            }

            last = Math.Max(last, index);
        }
    }

    private bool MayRepeat(Entry entry, Stay stay) => owner.Backend?.RepeatsSettled == true && entry.SettledAt != stay;

    private void Change(Entry entry, State state)
    {
        _through += (state != State.Open ? 1 : 0) - (entry.IsThrough ? 1 : 0);
        entry.State = state;
    }

    private enum State
    {
        Open,
        InDoubt,
        Settled,
    }

    private sealed class Entry
    {
        public int Count { get; set; }

        public int Crashes { get; set; }

        // How many have asked for it to be settled and got no answer.
        public int Doubts { get; set; }

        public bool IsGivenBack { get; set; }

        public Stay SettledAt { get; set; }

        public State State { get; set; }

        public bool IsThrough => State != State.Open;
    }
}
