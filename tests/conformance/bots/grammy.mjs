// The conversation of strangers.py with grammY: node grammy.mjs ROOT TOKEN poll|webhook PICTURE
import { createServer } from "node:http";
import { Bot, InlineKeyboard, InputFile, InputMediaBuilder, webhookCallback } from "grammy";

const [root, token, mode, picture] = process.argv.slice(2);
const bot = new Bot(token, { client: { apiRoot: root } });

bot.on("my_chat_member", (ctx) => ctx.reply(`hello ${ctx.chat.title}`));

bot.command("report", (ctx) =>
  ctx.reply("<b>card</b>", {
    parse_mode: "HTML",
    reply_parameters: { message_id: ctx.msg.message_id },
    reply_markup: new InlineKeyboard().text("Claim", "claim"),
  }),
);

bot.command("album", (ctx) =>
  ctx.replyWithMediaGroup([
    InputMediaBuilder.photo(new InputFile(picture), { caption: "two" }),
    InputMediaBuilder.photo(new InputFile(picture)),
  ]),
);

bot.command("file", (ctx) => ctx.replyWithDocument(new InputFile(Buffer.from("a note"), "note.txt")));

bot.callbackQuery("claim", async (ctx) => {
  await ctx.answerCallbackQuery("yours");
  await ctx.editMessageText(`claimed by ${ctx.from.first_name}`);
});

bot.on("message:photo", async (ctx) => {
  const file = await ctx.getFile();
  const answer = await fetch(`${root}/file/bot${token}/${file.file_path}`);
  await ctx.reply(`photo of ${(await answer.arrayBuffer()).byteLength} bytes`);
});

if (mode === "poll") {
  await bot.start();
} else {
  const server = createServer(webhookCallback(bot, "http", { secretToken: "s3cret" }));
  await bot.init();
  server.listen(0, "127.0.0.1", () =>
    bot.api.setWebhook(`http://127.0.0.1:${server.address().port}/`, { secret_token: "s3cret" }),
  );
}
