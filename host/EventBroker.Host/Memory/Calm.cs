namespace EventBroker.Host.Memory;

// Tells when a busy time is over. Asked at regular intervals.
internal sealed class Calm
{
    // Allocated since the last time that it was calm: less leaves nothing behind that is worth a collection.
    private const long Busy = 128L * 1024 * 1024;

    // Calm is an interval with so much less than the busiest one since the last time. What goes on evenly, at whatever rate, has no end.
    private const int Less = 4;

    // So many in a row: a pause for breath is not the end.
    private const int Enough = 2;

    private long _atLastCalm;
    private long _atLastLook;
    private long _busiest;
    private int _calm;

    public bool HasCome(long allocated)
    {
        var now = allocated - _atLastLook;
        _atLastLook = allocated;
        _busiest = Math.Max(_busiest, now);
        _calm = now <= _busiest / Less ? _calm + 1 : 0;
        if (_calm < Enough || allocated - _atLastCalm < Busy)
        {
            return false;
        }

        (_atLastCalm, _busiest, _calm) = (allocated, now, 0);
        return true;
    }
}
