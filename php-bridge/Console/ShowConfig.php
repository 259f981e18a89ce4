<?php

declare(strict_types=1);

namespace Revurb\Console;

use Illuminate\Console\Command;
use JsonException;
use Revurb\Apps\UnknownAppProvider;
use Revurb\Apps\UnreadableApps;
use Revurb\Apps\UnusableApps;
use Revurb\Bridge\Documents;
use Revurb\Bridge\RestartFlag;
use Revurb\Bridge\UnusableRedis;
use Symfony\Component\Console\Attribute\AsCommand;
use Symfony\Component\Console\Output\OutputInterface;

/**
 * The document for `revurb start --config FILE`, where PHP is not at hand. It asks for no events, as nobody would read
 * them there, and for the restart flag to be watched, as nobody else would.
 */
#[AsCommand(name: 'reverb:config')]
final class ShowConfig extends Command
{
    use ReportsFailures;

    protected $signature = 'reverb:config
                {--show-secrets : Show secrets, which a server needs and a screen does not}
                {--json : One line, for programs}';

    protected $description = 'Show what the Reverb server is told at its start';

    public function handle(Documents $documents, RestartFlag $flag): int
    {
        try {
            $document = $documents->write()->watching($flag->toArray());
            $shown = $this->option('show-secrets') ? $document : $document->masked();
            $json = $shown->toJson($this->option('json') ? 0 : JSON_PRETTY_PRINT);
        } catch (UnreadableApps $exception) {
            return $this->failBecauseOf($exception);
        } catch (JsonException|UnknownAppProvider|UnusableApps|UnusableRedis $exception) {
            $this->components->error($exception->getMessage());

            return self::FAILURE;
        }

        $this->output->writeln($json, OutputInterface::OUTPUT_RAW);

        return self::SUCCESS;
    }
}
