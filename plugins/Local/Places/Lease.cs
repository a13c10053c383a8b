namespace EventBroker.Transport.Local.Places;

/// <summary>What the deliveries of a place carry, so that what was handed out before the place was moved is told from what comes again.</summary>
/// <param name="generation">How often the place was moved.</param>
internal sealed class Lease(int generation)
{
    public int Generation => generation;
}
