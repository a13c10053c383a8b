using System.ComponentModel.DataAnnotations;

namespace EventBroker.Sdk.Settings;

// Checks the attributes and IValidatableObject of one object; nested ones were checked when they were read.
internal static class SettingsValidator
{
    public static void Validate(
        object settings,
        IEnumerable<SettingsProperty> properties,
        HashSet<string> faulty,
        string path,
        ICollection<SettingsError> errors)
    {
        var before = errors.Count;
        var list = properties.ToList();
        foreach (var property in list.Where(p => !faulty.Contains(p.Key)))
        {
            ValidateProperty(settings, property, SettingsPath.Key(path, property.Key), errors);
        }

        // Rules across properties would only repeat what is known to be wrong, or trip over it.
        if (faulty.Count > 0 || errors.Count > before)
        {
            return;
        }

        var context = new ValidationContext(settings);
        foreach (ValidationAttribute attribute in settings.GetType().GetCustomAttributes(typeof(ValidationAttribute), inherit: true))
        {
            Add(attribute.GetValidationResult(settings, context));
        }

        foreach (var result in (settings as IValidatableObject)?.Validate(context) ?? [])
        {
            Add(result);
        }

        void Add(ValidationResult? result)
        {
            if (result is null)
            {
                return;
            }

            var member = result.MemberNames.FirstOrDefault();
            var key = list.Find(p => p.Name == member)?.Key ?? member;
            errors.Add(new SettingsError
            {
                Path = key is null ? path : SettingsPath.Key(path, key),
                Message = result.ErrorMessage ?? "is not valid",
            });
        }
    }

    private static void ValidateProperty(
        object settings, SettingsProperty property, string path, ICollection<SettingsError> errors)
    {
        var value = property.Get(settings);
        var context = new ValidationContext(settings) { MemberName = property.Name, DisplayName = property.Key };
        foreach (var attribute in property.Attributes<ValidationAttribute>())
        {
            if (attribute.GetValidationResult(value, context) is { } result)
            {
                errors.Add(new SettingsError { Path = path, Message = Message(attribute, result, value) });

                // What is missing is not out of range too.
                if (attribute is RequiredAttribute)
                {
                    return;
                }
            }
        }
    }

    private static string Message(ValidationAttribute attribute, ValidationResult result, object? value) => attribute switch
    {
        { ErrorMessage: not null } or { ErrorMessageResourceName: not null } => result.ErrorMessage!,
        RequiredAttribute => "is required",
        RangeAttribute range => $"must be from {Text(range.Minimum)} to {Text(range.Maximum)}, not {Text(value)}",
        _ => result.ErrorMessage ?? "is not valid",
    };

    private static string Text(object? value) => value switch
    {
        TimeSpan duration when duration >= TimeSpan.Zero => DurationText.Format(duration),
        _ => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{value}"),
    };
}
