using System.ComponentModel.DataAnnotations;
using EventBroker.Nats.Messages;
using EventBroker.Nats.Settings;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Settings;

namespace EventBroker.Transport.Nats.Settings;

/// <summary>The settings of a transport over NATS without JetStream.</summary>
public sealed class NatsTransportSettings : NatsSettings
{
    /// <summary>Gets or sets the first tokens of all subjects.</summary>
    /// <value>Default <c>eb</c>; 1 to 50 characters out of <c>A-Z a-z 0-9 . _ -</c>, no empty token.</value>
    [Required]
    public string SubjectPrefix { get; set; } = "eb";

    /// <summary>Gets or sets the events that are there without being registered.</summary>
    /// <value>Default none.</value>
    public IReadOnlyList<string> Events { get; set; } = [];

    /// <summary>Gets or sets the JetStream key-value bucket that holds the names of registered events, for all hosts.</summary>
    /// <value>Default <c>eb-events</c>; letters, digits, <c>-</c> and <c>_</c>. Made when it is first needed. Where the servers have no JetStream, no event can be
    /// registered and only <see cref="Events"/> are there.</value>
    [Required]
    public string EventBucket { get; set; } = "eb-events";

    /// <summary>Gets or sets on how many servers of a cluster the bucket is kept, when it is made.</summary>
    /// <value>Default 1; 1 to 5.</value>
    [Range(1, 5)]
    public int EventBucketReplicas { get; set; } = 1;

    /// <summary>Gets or sets how many messages of an event wait for slow broadcast subscribers of this host, and how many for the members of a worker
    /// group. The oldest go first, and who has not read them is told how many it missed.</summary>
    /// <value>Default 10 000; 100 to 10 000 000.</value>
    [Range(100, 10_000_000)]
    public int MaxWaitingMessages { get; set; } = 10_000;

    /// <summary>Gets or sets how many bytes of messages wait like that.</summary>
    /// <value>Default 16 MiB; 64 KiB to 16 GiB.</value>
    [Range(typeof(ByteSize), "64KiB", "16GiB")]
    public ByteSize MaxWaitingBytes { get; set; } = ByteSize.FromMebibytes(16);

    /// <inheritdoc/>
    public override IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var fault in base.Validate(validationContext))
        {
            yield return fault;
        }

        if (!SubjectNames.IsPrefix(SubjectPrefix))
        {
            yield return new ValidationResult("must be 1 to 50 characters, tokens of A-Z a-z 0-9 _ - with dots between", [nameof(SubjectPrefix)]);
        }

        if (!EventBucket.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
        {
            yield return new ValidationResult("must be characters out of A-Z a-z 0-9 _ -", [nameof(EventBucket)]);
        }

        foreach (var name in Events.Where(static e => !EventName.IsValid(e)))
        {
            yield return new ValidationResult($"'{name}' is no event name: {EventName.Rule}", [nameof(Events)]);
        }
    }
}
