namespace EventBroker.Host.Memory;

// Tells when a busy time is over. Asked at regular intervals.
internal sealed class Calm
{
    // Allocated within an interval: less is what a quiet broker with some subscribers does.
    private const long Quiet = 16L * 1024 * 1024;

    // Allocated since the last time that it was calm: less leaves nothing behind that is worth a collection.
    private const long Busy = 128L * 1024 * 1024;

    private long _atLastCalm;
    private long _atLastLook;

    public bool HasCome(long allocated)
    {
        var isQuiet = allocated - _atLastLook < Quiet;
        _atLastLook = allocated;
        if (!isQuiet || allocated - _atLastCalm < Busy)
        {
            return false;
        }

        _atLastCalm = allocated;
        return true;
    }
}
