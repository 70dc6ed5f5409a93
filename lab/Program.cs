using System.CommandLine;
using Holdfast.Bench;
using Holdfast.Lab.Compare;
using Holdfast.Lab.Races;
using Holdfast.Lab.Sagas;

var lab = new RootCommand("Sets other ways of doing the same beside Holdfast.")
{
    RacesCommand.Create(TimeProvider.System),
    SagasCommand.Create(TimeProvider.System),
    SagaHostCommand.Create(TimeProvider.System),
    CompareCommand.Create(TimeProvider.System),
};

return await CommandLine.Run(lab, args);
