using EventBroker.Sdk.Errors;

namespace EventBroker.Transport.Log.Writing.Operations;

/// <summary>Something to be written. Many of them share a commit.</summary>
internal abstract class WriteOperation
{
    /// <summary>Gets whether it takes room on the disk, so that it is refused when that is full.</summary>
    public virtual bool NeedsRoom => false;

    /// <summary>Gets whether it may give room back to the disk.</summary>
    public virtual bool FreesRoom => false;

    /// <summary>Gets roughly how many bytes it writes, to bound a commit.</summary>
    public virtual long Bytes => 64;

    /// <summary>Writes, within the writer's transaction. May be called again after a transaction has failed.</summary>
    /// <exception cref="BrokerException">It can't be done, and nothing was changed; the other operations of the commit go on.</exception>
    public abstract void Apply(WriteContext context);

    /// <summary>Publishes what is on the disk now, and tells whoever waits for it. Does not throw.</summary>
    public abstract void Committed();

    /// <summary>Tells whoever waits that it failed. Does not throw.</summary>
    public abstract void Failed(BrokerException failure);
}
