using System.Diagnostics;
using System.Reflection;
using Holdfast.Api;
using Holdfast.Api.Http.Problems;
using Holdfast.Contracts;
using Holdfast.Contracts.Callers;
using Holdfast.Contracts.Profiles;
using Microsoft.AspNetCore.Http;

namespace Holdfast.Tests.Api.Http.Problems;

/// <summary>Whatever an owner answers, the endpoints that ask it have a result for it. Outcomes and endpoints are found, not listed.</summary>
public sealed class OutcomeTests
{
    /// <summary>One outcome serves several commands: what no owner answers to those that lead to this result.</summary>
    private static readonly Dictionary<string, Enum[]> NeverAnswered = new()
    {
        ["KeyEndpoints.AnswerMade"] = [KeyStatus.Revoked, KeyStatus.NotFound],
        ["KeyEndpoints.AnswerRevoked"] = [KeyStatus.Made, KeyStatus.TwoLive, KeyStatus.Full, KeyStatus.ExpiryPast],
        ["ProfileEndpoints.AnswerErasure"] = [ProfileStatus.Changed, ProfileStatus.Created, ProfileStatus.TooLarge],
    };

    private const BindingFlags Own = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    public static TheoryData<string> Outcomes() => [.. OutcomeTypes().Select(static type => type.Name)];

    [Theory]
    [MemberData(nameof(Outcomes))]
    public void Every_outcome_has_a_result_wherever_it_is_answered(string outcome)
    {
        var type = OutcomeTypes().Single(type => type.Name == outcome);
        var answers = Answers(type);

        Assert.NotEmpty(answers);
        Assert.Empty(answers.SelectMany(answer => Statuses(type).Except(NeverAnswered.GetValueOrDefault(Name(answer), []))
            .Where(status => Results(answer, type, status).Any(static result => result is null))
            .Select(status => $"{Name(answer)} has no result for {status}")));
    }

    [Theory]
    [MemberData(nameof(Outcomes))]
    public void An_outcome_that_is_new_would_be_found(string outcome)
    {
        var type = OutcomeTypes().Single(type => type.Name == outcome);
        var unknown = (Enum)Enum.ToObject(StatusOf(type)!.PropertyType, 99);

        Assert.All(Answers(type), answer => Assert.All(Results(answer, type, unknown), Assert.Null));
    }

    [Theory]
    [MemberData(nameof(Outcomes))]
    public void A_problem_has_no_members_but_those_that_its_kind_names(string outcome)
    {
        var type = OutcomeTypes().Single(type => type.Name == outcome);
        var problems = Answers(type).SelectMany(answer => Statuses(type).SelectMany(status => Results(answer, type, status)))
            .Select(static result => result is INestedHttpResult nested ? nested.Result : result)
            .OfType<Problem>();

        Assert.Empty(problems.SelectMany(static problem => (problem.Members?.Keys ?? [])
            .Except(problem.Kind.Members.Select(static member => member.Name))
            .Select(member => $"{problem.Code}: {member}")));
    }

    private static IEnumerable<Type> OutcomeTypes() => typeof(Operation).Assembly.GetTypes()
        .Where(static type => type.Name.EndsWith("Outcome", StringComparison.Ordinal) && StatusOf(type) is not null);

    private static PropertyInfo? StatusOf(Type type) => type.GetProperty("Status") is { PropertyType.IsEnum: true } status ? status : null;

    private static IEnumerable<Enum> Statuses(Type type) => Enum.GetValues(StatusOf(type)!.PropertyType).Cast<Enum>();

    /// <summary>What makes a result of such an outcome.</summary>
    private static MethodInfo[] Answers(Type outcome) =>
    [
        .. typeof(HoldfastApi).Assembly.GetTypes()
            .SelectMany(static type => type.GetMethods(Own))
            .Where(static method => method.ReturnType.IsAssignableTo(typeof(IResult)))
            .Where(method => method.GetParameters() is [var first, ..] && first.ParameterType == outcome),
    ];

    private static string Name(MethodInfo method) => $"{method.DeclaringType!.Name}.{method.Name}";

    /// <summary>For a request that asked for nothing and for one that asked for everything; null where there is none.</summary>
    private static IEnumerable<object?> Results(MethodInfo answer, Type type, Enum status)
    {
        foreach (var asked in new[] { false, true })
        {
            var others = answer.GetParameters().Skip(1).Select(parameter => Sample(parameter.ParameterType, asked));
            yield return Result(answer, [Sample(type, asked, status), .. others]);
        }
    }

    private static object? Result(MethodInfo answer, object?[] arguments)
    {
        try
        {
            return answer.Invoke(null, arguments);
        }
        catch (TargetInvocationException exception) when (exception.InnerException is UnreachableException)
        {
            return null;
        }
    }

    /// <summary>Some value of the type, with everything in it that can be there.</summary>
    private static object Sample(Type type, bool asked, Enum? status = null)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner) return Sample(inner, asked);
        if (type == typeof(bool)) return asked;
        if (type == typeof(string)) return "1";
        if (type == typeof(HttpContext)) return new DefaultHttpContext();
        if (type.IsArray) return Array.CreateInstance(type.GetElementType()!, 0);
        if (type.IsEnum || type.IsPrimitive || type == typeof(Guid) || type == typeof(DateTimeOffset))
            return Activator.CreateInstance(type)!;
        var constructor = type.GetConstructors().MaxBy(static constructor => constructor.GetParameters().Length)!;
        return constructor.Invoke([.. constructor.GetParameters().Select(parameter =>
            status is not null && parameter.Name == "Status" ? status : Sample(parameter.ParameterType, asked))]);
    }
}
