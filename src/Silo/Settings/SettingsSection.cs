using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Options;

namespace Holdfast.Silo.Settings;

/// <summary>A section of the configuration, and the class that it is read into.</summary>
/// <param name="path">Of the section, as in <c>Holdfast:Journal</c>.</param>
/// <param name="type">Each of its properties that can be set is a setting.</param>
/// <param name="decided">Properties that are no settings: the silo decides them.</param>
public abstract class SettingsSection(string path, Type type, string[] decided)
{
    public string Path => path;

    public Type Type => type;

    /// <summary>What may stand in the section.</summary>
    public IReadOnlyList<PropertyInfo> Settings { get; } =
        [.. type.GetProperties().Where(property => property.SetMethod is { IsPublic: true } && !decided.Contains(property.Name))];

    /// <summary>Reads the section into new options, unless a value in it is wrong.</summary>
    /// <exception cref="StartRefusedException">It is; the message names the setting.</exception>
    public abstract object Read(IConfiguration configuration);

    /// <summary>Makes the options those of the section, and the host's start fail when a value in them is wrong.</summary>
    public abstract void AddTo(IServiceCollection services);

    public string NameOf(PropertyInfo setting) => $"{path}:{setting.Name}";

    /// <summary>What is wrong with a text that is to become a setting's value; null when it can.</summary>
    protected string? WrongText(PropertyInfo setting, string text)
    {
        if (setting.PropertyType == typeof(string)) return null;
        try
        {
            TypeDescriptor.GetConverter(setting.PropertyType).ConvertFromInvariantString(text);
            return null;
        }
        catch (Exception unreadable) when (unreadable is FormatException or ArgumentException or OverflowException or NotSupportedException)
        {
            return $"{NameOf(setting)} is '{text}', and has to be {Kind(setting.PropertyType)}.";
        }
    }

    /// <summary>What is wrong with the values of a class of options, a sentence each.</summary>
    protected IEnumerable<string> WrongValues(object options) =>
        from setting in Settings
        let value = setting.GetValue(options)
        from rule in setting.GetCustomAttributes<ValidationAttribute>()
        where !rule.IsValid(value)
        select rule switch
        {
            RangeAttribute range => $"{NameOf(setting)} is {Text(value)}, and has to be from {range.Minimum} to {range.Maximum}.",
            RequiredAttribute => $"{NameOf(setting)} must not be empty.",
            _ => rule.FormatErrorMessage(NameOf(setting)),
        };

    private static string Kind(Type type) => type switch
    {
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(TimeSpan) => "a time as in 00:00:01.500 or 1.00:00:00 (days, hours, minutes, seconds)",
        _ => "a whole number",
    };

    private static string Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "nothing";
}

/// <inheritdoc />
/// <typeparam name="T">The class.</typeparam>
public sealed class SettingsSection<T>(string path, params string[] decided)
    : SettingsSection(path, typeof(T), decided), IValidateOptions<T>
    where T : class, new()
{
    public override object Read(IConfiguration configuration)
    {
        var section = configuration.GetSection(Path);
        foreach (var setting in Settings)
        {
            var unreadable = section[setting.Name] is { } text ? WrongText(setting, text) : null;
            if (unreadable is not null) throw new StartRefusedException(unreadable);
        }

        var options = new T();
        section.Bind(options);
        return WrongValues(options).FirstOrDefault() is { } wrong ? throw new StartRefusedException(wrong) : options;
    }

    public override void AddTo(IServiceCollection services)
    {
        services.AddSingleton<IValidateOptions<T>>(this);
        services.AddOptions<T>().BindConfiguration(Path).ValidateOnStart();
    }

    public ValidateOptionsResult Validate(string? name, T options) =>
        WrongValues(options).ToArray() is { Length: > 0 } wrong ? ValidateOptionsResult.Fail(wrong) : ValidateOptionsResult.Success;
}
