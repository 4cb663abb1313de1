// The conversation of strangers.py with Telegraf: node telegraf.mjs ROOT TOKEN poll|webhook PICTURE
import { createServer } from "node:http";
import { Input, Markup, Telegraf } from "telegraf";

const [root, token, mode, picture] = process.argv.slice(2);
const bot = new Telegraf(token, { telegram: { apiRoot: root } });

bot.on("my_chat_member", (ctx) => ctx.reply(`hello ${ctx.chat.title}`));

bot.command("report", (ctx) =>
  ctx.reply("<b>card</b>", {
    parse_mode: "HTML",
    reply_parameters: { message_id: ctx.message.message_id },
    ...Markup.inlineKeyboard([Markup.button.callback("Claim", "claim")]),
  }),
);

bot.command("album", (ctx) =>
  ctx.replyWithMediaGroup([
    { type: "photo", media: Input.fromLocalFile(picture), caption: "two" },
    { type: "photo", media: Input.fromLocalFile(picture) },
  ]),
);

bot.command("file", (ctx) => ctx.replyWithDocument(Input.fromBuffer(Buffer.from("a note"), "note.txt")));

bot.action("claim", async (ctx) => {
  await ctx.answerCbQuery("yours");
  await ctx.editMessageText(`claimed by ${ctx.from.first_name}`);
});

bot.on("photo", async (ctx) => {
  const link = await ctx.telegram.getFileLink(ctx.message.photo.at(-1).file_id);
  const answer = await fetch(link);
  await ctx.reply(`photo of ${(await answer.arrayBuffer()).byteLength} bytes`);
});

if (mode === "poll") {
  await bot.launch();
} else {
  bot.botInfo = await bot.telegram.getMe();
  const server = createServer(bot.webhookCallback("/hook", { secretToken: "s3cret" }));
  server.listen(0, "127.0.0.1", () =>
    bot.telegram.setWebhook(`http://127.0.0.1:${server.address().port}/hook`, { secret_token: "s3cret" }),
  );
}
