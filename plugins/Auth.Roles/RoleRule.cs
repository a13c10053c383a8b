using System.ComponentModel.DataAnnotations;
using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Messages;

namespace EventBroker.Auth.Roles;

/// <summary>What a role may do.</summary>
public sealed class RoleRule : IValidatableObject
{
    /// <summary>The operations entry that stands for all of them.</summary>
    public const string All = "*";

    /// <summary>Gets or sets the role, in exact case; <c>*</c> for every caller that has any.</summary>
    [Required]
    public string Role { get; set; } = "";

    /// <summary>Gets or sets the operations: <c>publish</c>, <c>subscribe</c>, <c>settle</c>, <c>register</c>, <c>unregister</c>,
    /// <c>list</c>, <c>describe</c>, <c>seek</c>, <c>admin</c>, or <c>*</c> for all. Whoever may subscribe may settle, and nothing else goes
    /// along with another.</summary>
    [MinLength(1, ErrorMessage = "must name at least one operation")]
    public IReadOnlyList<string> Operations { get; set; } = [];

    /// <summary>Gets or sets the patterns of event names, in which <c>*</c> stands for any characters.</summary>
    /// <value>Default <c>*</c>. Has no meaning for <c>list</c> and <c>admin</c>.</value>
    [MinLength(1, ErrorMessage = "must name at least one event pattern")]
    public IReadOnlyList<string> Events { get; set; } = ["*"];

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var operation in Operations.Where(static o => o != All && !TryParse(o, out _)))
        {
            yield return new ValidationResult(
                $"has '{operation}'; known are {string.Join(", ", Enum.GetNames<BrokerOperation>().Select(static n => n.ToLowerInvariant()))} and *",
                [nameof(Operations)]);
        }

        foreach (var pattern in Events.Where(static e => !EventPattern.IsValid(e)))
        {
            yield return new ValidationResult($"has '{pattern}': {EventPattern.Rule}", [nameof(Events)]);
        }
    }

    internal static bool TryParse(string text, out BrokerOperation operation)
    {
        operation = default;

        // A number would be parsed too.
        return text.Length > 0 && char.IsAsciiLetter(text[0]) && Enum.TryParse(text, ignoreCase: true, out operation) && Enum.IsDefined(operation);
    }
}
